package io.signalbox.verticles.allocation;

import com.google.protobuf.ByteString;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.signalbox.bus.service.ServiceClient;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.ResolveSkill;
import io.signalbox.codecs.internal.SkillInfo;
import io.signalbox.verticles.allocation.TaskSpec.Demand;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Checks inputs and outputs against the schemas that definitions declare for a skill. Confined to its event loop. */
final class SkillSchemas {
    static final String REGISTRY = "$sys/registry";
    private static final int MAX_CACHED = 1000;
    private static final int MAX_ERRORS = 5;

    private record Compiled(Optional<Schema> input, Optional<Schema> output) {
        static final Compiled NONE = new Compiled(Optional.empty(), Optional.empty());
    }

    private final ServiceClient services;
    private final Duration timeout;
    private final SchemaRegistry compiler = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private final JsonMapper mapper = JsonMapper.builder().build();
    private final Map<Demand, Compiled> cache = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Demand, Compiled> eldest) {
            return size() > MAX_CACHED;
        }
    };

    private long forgotten;

    SkillSchemas(ServiceClient services, Duration timeout) {
        this.services = services;
        this.timeout = timeout;
    }

    /** After a definition was published. */
    void forget() {
        forgotten++;
        cache.clear();
    }

    /** Completes with what is wrong; empty: nothing, or no schema is declared. Fails with {@link ServiceException}. */
    Future<Optional<String>> checkInput(Demand demand, String contentType, ByteString input) {
        return compiled(demand)
                .map(schemas -> schemas.input().flatMap(schema -> violation(schema, contentType, input)));
    }

    /** Like {@link #checkInput}, for what an agent gave. */
    Future<Optional<String>> checkOutput(Demand demand, String contentType, ByteString output) {
        return compiled(demand)
                .map(schemas -> schemas.output().flatMap(schema -> violation(schema, contentType, output)));
    }

    private Future<Compiled> compiled(Demand demand) {
        Compiled known = cache.get(demand);
        if (known != null) {
            return Future.succeededFuture(known);
        }
        long asked = forgotten;
        ResolveSkill resolve = ResolveSkill.newBuilder()
                .setName(demand.skill())
                .setRange(demand.versionRange())
                .build();
        return services.call(REGISTRY, resolve, SkillInfo.parser(), timeout)
                .map(info -> {
                    Compiled compiled = new Compiled(compile(info.getInputSchema()), compile(info.getOutputSchema()));
                    if (asked == forgotten) { // else the answer may be older than what was published since
                        cache.put(demand, compiled);
                    }
                    return compiled;
                })
                .recover(cause ->
                        isNotFound(cause) ? Future.succeededFuture(Compiled.NONE) : Future.failedFuture(cause));
    }

    private static boolean isNotFound(Throwable cause) {
        return cause instanceof ServiceException refusal && refusal.code() == Code.NOT_FOUND;
    }

    private Optional<Schema> compile(ByteString schema) {
        return schema.isEmpty() ? Optional.empty() : Optional.of(compiler.getSchema(schema.toStringUtf8()));
    }

    private Optional<String> violation(Schema schema, String contentType, ByteString content) {
        if (!isJson(contentType)) {
            return Optional.of("content of type " + contentType + " where the skill's schema wants JSON");
        }
        try {
            JsonNode node = mapper.readTree(content.toByteArray());
            List<Error> errors = schema.validate(node);
            return errors.isEmpty() ? Optional.empty() : Optional.of(describe(errors));
        } catch (JacksonException e) {
            return Optional.of("not JSON: " + e.getOriginalMessage());
        } catch (SchemaException e) {
            throw new ServiceException(
                    Code.SCHEMA_INVALID, "the schema that is declared for the skill cannot be used: " + e.getMessage());
        }
    }

    private static String describe(List<Error> errors) {
        return errors.stream()
                .limit(MAX_ERRORS)
                .map(error -> place(error.getInstanceLocation().toString()) + error.getMessage())
                .collect(Collectors.joining("; "));
    }

    /** A JSON pointer; of the whole document it is empty and says nothing. */
    private static String place(String pointer) {
        return pointer.isEmpty() ? "" : pointer + ": ";
    }

    static boolean isJson(String contentType) {
        String type = contentType.toLowerCase(Locale.ROOT);
        return type.isEmpty() || type.startsWith("application/json") || type.contains("+json");
    }
}
