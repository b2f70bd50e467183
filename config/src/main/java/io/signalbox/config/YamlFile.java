package io.signalbox.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Reads sections of keys from a YAML file and keeps the lines where they stand. Not thread-safe. */
final class YamlFile {
    private static final LoadSettings SETTINGS = LoadSettings.builder()
            .setSchema(new CoreSchema())
            .setAllowNonScalarKeys(true)
            .build();

    private final Path file;
    private final ConfigSchema<?> schema;
    private final WrittenValues written;

    YamlFile(Path file, ConfigSchema<?> schema, WrittenValues written) {
        this.file = file;
        this.schema = schema;
        this.written = written;
    }

    void read() {
        try {
            new Compose(SETTINGS).composeString(Files.readString(file)).ifPresent(this::readSections);
        } catch (NoSuchFileException e) {
            reject("there is no such file");
        } catch (CharacterCodingException e) {
            reject("not a text in UTF-8");
        } catch (IOException e) {
            reject("cannot be read: " + e);
        } catch (MarkedYamlEngineException e) {
            reject(e.getProblemMark().map(this::source).orElse(file.toString()), "no YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            reject("no YAML: " + e.getMessage());
        }
    }

    private void readSections(Node document) {
        if (isNothing(document)) {
            return;
        }
        for (Entry section : entries(document, "sections such as gateway, each with its keys")) {
            if (!schema.sections().containsKey(section.name())) {
                String guess =
                        Suggestion.didYouMean(section.name(), schema.sections().keySet());
                reject(section.source(), "there is no section " + section.name() + guess);
            } else if (!isNothing(section.value())) {
                entries(section.value(), "keys of section " + section.name())
                        .forEach(entry -> readKey(section.name() + "." + entry.name(), entry));
            }
        }
    }

    private void readKey(String name, Entry entry) {
        Optional<ConfigKey> key = schema.key(name);
        if (key.isEmpty()) {
            reject(entry.source(), name + ": " + schema.unknown(name));
            return;
        }
        value(entry)
                .ifPresentOrElse(
                        value -> written.put(key.get(), value),
                        () -> reject(
                                entry.source(),
                                name + ": expected " + key.get().type().expected()));
    }

    private static Optional<RawValue> value(Entry entry) {
        return switch (entry.value()) {
            case ScalarNode scalar ->
                Optional.of(RawValue.of(isNothing(scalar) ? "" : scalar.getValue(), entry.source()));
            case SequenceNode sequence -> items(sequence).map(items -> RawValue.ofItems(items, entry.source()));
            default -> Optional.empty();
        };
    }

    private static Optional<List<String>> items(SequenceNode sequence) {
        List<String> items = sequence.getValue().stream()
                .filter(ScalarNode.class::isInstance)
                .map(item -> ((ScalarNode) item).getValue())
                .toList();
        return items.size() == sequence.getValue().size() ? Optional.of(items) : Optional.empty();
    }

    /** Rejects what is no mapping, or is written twice. */
    private List<Entry> entries(Node node, String expected) {
        if (!(node instanceof MappingNode mapping)) {
            reject(source(node), "expected " + expected);
            return List.of();
        }
        List<Entry> entries = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String source = source(tuple.getKeyNode());
            if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
                reject(source, "expected a name");
            } else if (!names.add(name.getValue())) {
                reject(source, name.getValue() + " is there twice");
            } else {
                entries.add(new Entry(name.getValue(), tuple.getValueNode(), source));
            }
        }
        return entries;
    }

    /** {@code key:} with nothing behind it. */
    private static boolean isNothing(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private String source(Node node) {
        return node.getStartMark().map(this::source).orElse(file.toString());
    }

    private String source(Mark mark) {
        return "line " + (mark.getLine() + 1) + " of " + file;
    }

    private void reject(String expected) {
        reject(file.toString(), expected);
    }

    private void reject(String source, String expected) {
        written.reject(new ConfigProblem("", source, "", expected));
    }

    private record Entry(String name, Node value, String source) {}
}
