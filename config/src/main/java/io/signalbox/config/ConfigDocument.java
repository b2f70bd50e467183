package io.signalbox.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes down what can be configured, so that documentation and examples cannot differ from the code. */
public final class ConfigDocument {
    private static final ConfigSchema<SignalboxConfig> SCHEMA = ConfigSchema.of(SignalboxConfig.class);

    /** What needs no quotes in YAML. */
    private static final Pattern PLAIN = Pattern.compile("(?!(?i:null)$)[A-Za-z0-9/][A-Za-z0-9./_-]*");

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private static final String HEAD = """
            # Configuration

            Written by `ConfigDocument` from the configuration records; do not edit. See `CONTRIBUTING.md` on how to add a key.

            A key is looked for in this order; the first place that has it wins:

            1. arguments: `./signalbox up --set gateway.port=0`
            2. environment variables; an empty one counts as not set
            3. the file: `--config FILE`, else the one that `SIGNALBOX_CONFIG` names, else `signalbox.yaml` in the folder
               where the node is started
            4. the default

            `./signalbox config` prints an example file, `./signalbox config --effective` what the configuration comes to.
            All values are checked before anything starts, and everything that is wrong is reported at once. Keys that do not
            exist are refused.

            Durations are written `500ms`, `10s`, `5m`, `1h30m`, `1d`; sizes `512`, `256KiB`, `1MiB`, `2GiB`; lists with
            commas, in the file also as YAML lists.
            """;

    private ConfigDocument() {}

    /** The text of {@code docs/configuration.md}. */
    public static String markdown() {
        StringBuilder text = new StringBuilder(HEAD);
        SCHEMA.sections().forEach((section, keys) -> {
            text.append("\n## ").append(section).append("\n\n");
            text.append("| key | default | allowed | meaning | environment |\n|---|---|---|---|---|\n");
            keys.forEach(key -> text.append(markdownRow(key)));
        });
        return text.append("\n## What must hold besides\n\n")
                .append(markdownRules())
                .toString();
    }

    /** A file that sets every key to its default. */
    public static String exampleYaml() {
        return yaml(
                key -> "  # " + key.setting().value() + ". Allowed: "
                        + key.type().expected() + "\n",
                key -> key.type().parse(key.defaultValue()).orElseThrow());
    }

    /** A file that gives this configuration, apart from secrets, which are masked. */
    public static String yaml(SignalboxConfig config) {
        Map<ConfigKey, Object> values = SCHEMA.values(config);
        return yaml(key -> "", values::get);
    }

    private static String yaml(Function<ConfigKey, String> comment, Function<ConfigKey, Object> value) {
        return SCHEMA.sections().entrySet().stream()
                .map(section -> section.getKey() + ":\n"
                        + section.getValue().stream()
                                .map(key -> comment.apply(key) + "  " + key.name() + ": " + yamlValue(value.apply(key)))
                                .collect(Collectors.joining("\n", "", "\n")))
                .collect(Collectors.joining("\n"));
    }

    private static String yamlValue(Object value) {
        return value instanceof List<?> list
                ? list.stream().map(ConfigDocument::yamlValue).collect(Collectors.joining(", ", "[", "]"))
                : yamlText(printed(value));
    }

    private static String yamlText(String text) {
        if (PLAIN.matcher(text).matches()) {
            return text;
        }
        String escaped = text.replace("\\", "\\\\").replace("\"", "\\\"");
        return "\""
                + CONTROL.matcher(escaped)
                        .replaceAll(control ->
                                "\\\\x%02x".formatted((int) control.group().charAt(0)))
                + "\"";
    }

    /** In the notation that is read. */
    private static String printed(Object value) {
        return switch (value) {
            case Duration duration -> DurationText.print(duration);
            case Enum<?> constant -> SettingType.nameOf(constant);
            case Optional<?> optional -> optional.map(ConfigDocument::printed).orElse("");
            case OptionalInt number -> number.isPresent() ? Integer.toString(number.getAsInt()) : "";
            default -> value.toString();
        };
    }

    private static String markdownRow(ConfigKey key) {
        return Stream.of(
                        "`" + key + "`",
                        key.setting().defaultValue().isEmpty()
                                ? "empty"
                                : "`" + key.setting().defaultValue() + "`",
                        key.type().expected(),
                        key.setting().value(),
                        key.environmentVariables().stream()
                                .map(variable -> "`" + variable + "`")
                                .collect(Collectors.joining(", ")))
                .map(cell -> cell.replace("|", "\\|"))
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private static String markdownRules() {
        return ConfigRules.all().stream()
                .map(rule -> "* `" + rule.key() + "`: " + rule.expected() + "\n")
                .collect(Collectors.joining());
    }
}
