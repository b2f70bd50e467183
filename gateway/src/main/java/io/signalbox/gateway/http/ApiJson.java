package io.signalbox.gateway.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.protobuf.ByteString;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.DefinitionDiff;
import io.signalbox.codecs.internal.DefinitionVersion;
import io.signalbox.codecs.internal.DiffDefinitions;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.internal.SkillInfo;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskView;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;

/** What the services say, as the API's JSON. Thread-safe. */
final class ApiJson {
    /** Strict, and numbers keep their digits. */
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build();

    private ApiJson() {}

    /** @throws ServiceException {@code MALFORMED}, with line and column */
    static JsonNode parse(byte[] body) {
        try {
            JsonNode node = MAPPER.readTree(body);
            if (node.isMissingNode()) {
                throw new ServiceException(Code.MALFORMED, "the body is empty, JSON is wanted");
            }
            return node;
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw new ServiceException(Code.MALFORMED, "the body is not JSON" + where + ": " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new ServiceException(Code.MALFORMED, "the body is not JSON: " + e.getMessage());
        }
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ObjectNode page(String name, ArrayNode items, String nextCursor) {
        ObjectNode page = object();
        page.set(name, items);
        return nextCursor.isEmpty() ? page : page.put("nextCursor", nextCursor);
    }

    static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    static ObjectNode definition(DefinitionVersion version) {
        ObjectNode json = object().put("name", version.getName())
                .put("version", version.getVersion())
                .put("contentHash", version.getContentHash())
                .put("publisher", version.getPublisher())
                .put("publishedAt", time(version.getPublishedAtMs()));
        json.set("document", embedded(version.getDocument()));
        return json;
    }

    /** What is missing was not there. */
    static ObjectNode diff(DiffDefinitions asked, DefinitionDiff diff) {
        ObjectNode json = object().put("name", asked.getName())
                .put("from", asked.getFrom())
                .put("to", asked.getTo());
        ArrayNode changes = json.putArray("changes");
        diff.getChangesList().forEach(change -> {
            ObjectNode each = changes.addObject().put("path", change.getPath());
            setUnlessEmpty(each, "from", change.getFrom());
            setUnlessEmpty(each, "to", change.getTo());
        });
        return json;
    }

    static ObjectNode skill(SkillInfo skill) {
        ObjectNode json = object().put("name", skill.getName())
                .put("version", skill.getVersion())
                .put("description", skill.getDescription())
                .put("agents", skill.getAgents());
        setUnlessEmpty(json, "inputSchema", skill.getInputSchema());
        setUnlessEmpty(json, "outputSchema", skill.getOutputSchema());
        return json;
    }

    private static void setUnlessEmpty(ObjectNode json, String name, ByteString document) {
        if (!document.isEmpty()) {
            json.set(name, embedded(document));
        }
    }

    static ObjectNode agent(AgentInfo agent) {
        ObjectNode json = object().put("id", agent.getId())
                .put("presence", presence(agent.getPresence()))
                .put("generation", agent.getGeneration());
        FleetJson.putStanding(json, agent.getStanding());
        putUnlessEmpty(json, "definition", agent.getDefinition());
        putUnlessEmpty(json, "definitionVersion", agent.getDefinitionVersion());
        ArrayNode skills = json.putArray("skills");
        agent.getSkillsList()
                .forEach(
                        skill -> skills.addObject().put("name", skill.getName()).put("version", skill.getVersion()));
        json.put("slots", agent.getSlots());
        putMap(json.putObject("tags"), agent.getTagsMap());
        return json.put("node", agent.getNode())
                .put("subject", agent.getSubject())
                .put("since", time(agent.getSinceMs()))
                .put("lastSeen", time(agent.getLastSeenMs()));
    }

    private static String presence(Presence presence) {
        return presence.name().substring("PRESENCE_".length()).toLowerCase(Locale.ROOT);
    }

    /** @param whole with input and output */
    static ObjectNode task(TaskView task, boolean whole) {
        ObjectNode json =
                object().put("id", task.getId()).put("state", task.getState()).put("skill", task.getSkill());
        putUnlessEmpty(json, "versionRange", task.getVersionRange());
        json.put("priority", task.getPriority())
                .put("attempt", task.getAttempt())
                .put("maxAttempts", task.getMaxAttempts())
                .put("submitter", task.getSubmitter())
                .put("submittedAt", time(task.getSubmittedAtMs()))
                .put("updatedAt", time(task.getUpdatedAtMs()));
        if (task.getDeadlineMs() != 0) {
            json.put("deadline", time(task.getDeadlineMs()));
        }
        putMap(json.putObject("labels"), task.getLabelsMap());
        putUnlessEmpty(json, "agent", task.getAgent());
        putUnlessEmpty(json, "skillVersion", task.getSkillVersion());
        putUnlessEmpty(json, "definition", task.getDefinition());
        if (task.getToken() != 0) {
            json.put("token", Long.toUnsignedString(task.getToken()));
        }
        putReason(json, task.getReasonCode(), task.getReason());
        putProgress(json, task);
        PlanJson.put(json, task);
        putUnlessEmpty(json, "traceparent", task.getTraceparent());
        json.put("revision", task.getRevision());
        if (whole) {
            putContents(json, task);
        }
        return json;
    }

    private static void putProgress(ObjectNode json, TaskView task) {
        if (task.getProgressPercent() != 0 || !task.getProgressMessage().isEmpty()) {
            json.putObject("progress")
                    .put("percent", task.getProgressPercent())
                    .put("message", task.getProgressMessage());
        }
    }

    private static void putContents(ObjectNode json, TaskView task) {
        putUnlessEmpty(json, "contentType", task.getContentType());
        json.set("input", content(task.getInput(), task.getContentType()));
        if (task.getState().equals("succeeded")) {
            putUnlessEmpty(json, "outputContentType", task.getOutputContentType());
            json.set("output", content(task.getOutput(), task.getOutputContentType()));
        }
    }

    static ObjectNode event(TaskEvent event) {
        ObjectNode json = object().put("task", event.getTask());
        if (event.getRevision() != 0) {
            json.put("revision", event.getRevision());
        }
        json.put("type", event.getType()).put("at", time(event.getAtMs()));
        putUnlessEmpty(json, "agent", event.getAgent());
        if (event.getToken() != 0) {
            json.put("token", Long.toUnsignedString(event.getToken()));
        }
        if (event.getAttempt() != 0) {
            json.put("attempt", event.getAttempt());
        }
        putUnlessEmpty(json, "definition", event.getDefinition());
        putReason(json, event.getReasonCode(), event.getReason());
        putUnlessEmpty(json, "by", event.getBy());
        if (event.getType().equals("partial")) {
            putUnlessEmpty(json, "contentType", event.getContentType());
            json.set("partial", content(event.getPartial(), event.getContentType()));
        }
        if (event.getType().equals("progress")) {
            json.put("percent", event.getPercent()).put("message", event.getMessage());
        }
        return json;
    }

    static void putReason(ObjectNode json, int code, String reason) {
        Code.of(code).ifPresent(known -> json.put("code", known.name()));
        putUnlessEmpty(json, "reason", reason);
    }

    static void putUnlessEmpty(ObjectNode json, String name, String value) {
        if (!value.isEmpty()) {
            json.put(name, value);
        }
    }

    static void putMap(ObjectNode json, Map<String, String> map) {
        map.forEach(json::put);
    }

    static String time(long epochMillis) {
        return Instant.ofEpochMilli(epochMillis).toString();
    }

    /** A document that was checked when it was taken. */
    private static JsonNode embedded(ByteString document) {
        return content(document, "");
    }

    /** JSON stands as it is, text as a string, anything else in base64. */
    static JsonNode content(ByteString content, String contentType) {
        if (content.isEmpty()) {
            return JsonNodeFactory.instance.nullNode();
        }
        if (isJson(contentType)) {
            try {
                return MAPPER.readTree(content.toByteArray());
            } catch (IOException e) {
                return TextNode.valueOf(content.toStringUtf8()); // an agent called it JSON and no schema asked
            }
        }
        return TextNode.valueOf(
                isText(contentType)
                        ? content.toStringUtf8()
                        : Base64.getEncoder().encodeToString(content.toByteArray()));
    }

    /**
     * The reverse of what answers show.
     *
     * @throws ServiceException {@code INVALID_ARGUMENT}
     */
    static ByteString content(JsonNode value, String contentType) {
        if (isJson(contentType)) {
            return ByteString.copyFromUtf8(value.toString());
        }
        if (!value.isTextual()) {
            throw new ServiceException(
                    Code.INVALID_ARGUMENT, "input must be a string where contentType is " + contentType);
        }
        if (isText(contentType)) {
            return ByteString.copyFromUtf8(value.asText());
        }
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(value.asText()));
        } catch (IllegalArgumentException e) {
            throw new ServiceException(
                    Code.INVALID_ARGUMENT, "input must be base64 where contentType is " + contentType);
        }
    }

    private static boolean isJson(String contentType) {
        String type = contentType.toLowerCase(Locale.ROOT);
        return type.isEmpty() || type.startsWith("application/json") || type.contains("+json");
    }

    private static boolean isText(String contentType) {
        return contentType.toLowerCase(Locale.ROOT).startsWith("text/");
    }
}
