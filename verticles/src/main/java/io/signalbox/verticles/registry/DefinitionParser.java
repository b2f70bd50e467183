package io.signalbox.verticles.registry;

import com.google.protobuf.ByteString;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.dialect.Dialects;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.DefinitionSchema;
import io.signalbox.verticles.registry.Definition.DeclaredSkill;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.semver4j.Semver;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads a definition's document and checks it against its schema. Thread-safe. */
final class DefinitionParser {
    private static final int MAX_BYTES = 1024 * 1024;
    private static final int MAX_ERRORS = 5;
    private static final String DIALECT = Dialects.getDraft202012().getId();
    private static final DefinitionSchema PUBLISHED = read("definition.schema.json");
    private static final Set<String> REFERENCES = Set.of("$ref", "$dynamicRef");

    private final JsonMapper mapper = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private final SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private final Schema definitionSchema =
            schemas.getSchema(PUBLISHED.getSchema().newInput());
    private final Schema metaSchema = schemas.getSchema(SchemaLocation.of(DIALECT));

    /** That documents are checked against, as everybody may have it. */
    static DefinitionSchema schema() {
        return PUBLISHED;
    }

    /** @throws ServiceException {@code MALFORMED} or {@code SCHEMA_INVALID}, naming the place as a JSON pointer */
    Definition parse(byte[] document) {
        if (document.length > MAX_BYTES) {
            throw new ServiceException(Code.TOO_LARGE, "a definition may have " + MAX_BYTES + " bytes");
        }
        JsonNode root = read(document);
        String canonical = canonical(root);
        refuse("", definitionSchema.validate(root));
        List<DeclaredSkill> skills = skills(root.path("skills"));
        return new Definition(
                root.path("name").asString(),
                Semver.parse(root.path("version").asString()),
                root.path("description").asString(""),
                skills,
                root.path("slots").asInt(1),
                tags(root.path("tags")),
                canonical,
                CanonicalJson.sha256(canonical));
    }

    private static DefinitionSchema read(String name) {
        try (InputStream in = DefinitionParser.class.getResourceAsStream(name)) {
            return DefinitionSchema.newBuilder()
                    .setSchema(ByteString.readFrom(in))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode read(byte[] document) {
        try {
            return mapper.readTree(document);
        } catch (JacksonException e) {
            throw new ServiceException(Code.MALFORMED, "the definition is not JSON: " + e.getOriginalMessage());
        }
    }

    private static String canonical(JsonNode root) {
        try {
            return CanonicalJson.write(root);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(Code.MALFORMED, "the definition is not JSON for everybody: " + e.getMessage());
        }
    }

    private List<DeclaredSkill> skills(JsonNode declared) {
        List<DeclaredSkill> skills = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < declared.size(); i++) {
            DeclaredSkill skill = skill(declared.get(i), "/skills/" + i);
            if (!names.add(skill.name())) {
                throw new ServiceException(
                        Code.SCHEMA_INVALID, "/skills/" + i + "/name: skill " + skill.name() + " is declared twice");
            }
            skills.add(skill);
        }
        return skills;
    }

    private DeclaredSkill skill(JsonNode skill, String pointer) {
        String input = schema(skill, "inputSchema", pointer);
        String output = schema(skill, "outputSchema", pointer);
        return new DeclaredSkill(
                skill.path("name").asString(),
                Semver.parse(skill.path("version").asString("1.0.0")),
                skill.path("description").asString(""),
                input,
                output,
                CanonicalJson.sha256(input + "\n" + output));
    }

    private String schema(JsonNode skill, String member, String pointer) {
        JsonNode schema = skill.path(member);
        if (schema.isMissingNode()) {
            return "";
        }
        String place = pointer + "/" + member;
        refuse(place, metaSchema.validate(schema));
        refuseOutsideReferences(place, schema);
        compile(place, schema);
        return CanonicalJson.write(schema);
    }

    /** A schema is whole in itself: a node asks nowhere for the rest of it, and other nodes could not. */
    private static void refuseOutsideReferences(String place, JsonNode schema) {
        for (Map.Entry<String, JsonNode> member : schema.properties()) {
            boolean outside = REFERENCES.contains(member.getKey())
                    && member.getValue().isString()
                    && !member.getValue().asString().startsWith("#");
            boolean otherDialect = member.getKey().equals("$schema")
                    && !DIALECT.equals(member.getValue().asString(DIALECT));
            if (outside || otherDialect) {
                throw invalid(place + ": " + member.getKey() + " " + member.getValue()
                        + ": schemas are of draft 2020-12 and refer to their own parts alone, #/$defs/...");
            }
        }
        schema.forEach(child -> refuseOutsideReferences(place, child));
    }

    private void compile(String place, JsonNode schema) {
        try {
            schemas.getSchema(schema).initializeValidators();
        } catch (SchemaException | IllegalArgumentException e) {
            throw invalid(place + ": " + e.getMessage());
        }
    }

    private static ServiceException invalid(String what) {
        return new ServiceException(Code.SCHEMA_INVALID, "the definition is not valid: " + what);
    }

    private static Map<String, String> tags(JsonNode tags) {
        Map<String, String> result = new HashMap<>();
        tags.properties().forEach(tag -> result.put(tag.getKey(), tag.getValue().asString()));
        return result;
    }

    private static void refuse(String pointer, List<Error> errors) {
        if (!errors.isEmpty()) {
            String what = errors.stream()
                    .limit(MAX_ERRORS)
                    .map(error -> place(pointer + error.getInstanceLocation()) + error.getMessage())
                    .collect(Collectors.joining("; "));
            throw invalid(what);
        }
    }

    /** A JSON pointer; of the whole document it is empty and says nothing. */
    private static String place(String pointer) {
        return pointer.isEmpty() ? "" : pointer + ": ";
    }
}
