package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.vertx.ext.web.RoutingContext;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads requests strictly; every fault is a {@link ServiceException} that names the member or parameter. */
final class ApiRequest {
    private static final int MAX_LIMIT = 1000;

    /** Beyond it milliseconds may not fit, and no clock goes there. */
    private static final Instant END_OF_TIME = Instant.parse("+10000-01-01T00:00:00Z");

    private ApiRequest() {}

    /** @param known names that the object may have */
    static ObjectNode body(RoutingContext request, Set<String> known) {
        JsonNode body = ApiJson.parse(bytes(request));
        if (!(body instanceof ObjectNode object)) {
            throw invalid("the body must be a JSON object");
        }
        refuseUnknown(object, known, "");
        return object;
    }

    static void refuseUnknown(ObjectNode object, Set<String> known, String within) {
        Iterator<String> names = object.fieldNames();
        while (names.hasNext()) {
            String name = names.next();
            if (!known.contains(name)) {
                throw invalid("unknown member '" + within + name + "'; known are " + String.join(", ", sorted(known)));
            }
        }
    }

    /**
     * A member that must be there.
     *
     * @param known names that it may have
     */
    static ObjectNode object(ObjectNode object, String name, Set<String> known) {
        if (!(object.get(name) instanceof ObjectNode inner)) {
            throw invalid(name + " must be an object");
        }
        refuseUnknown(inner, known, name + ".");
        return inner;
    }

    /** A member that must be there. */
    static List<ObjectNode> objects(ObjectNode object, String name) {
        List<ObjectNode> objects = new ArrayList<>();
        JsonNode value = member(object, name).orElseThrow(() -> invalid(name + " must be an array of objects"));
        require(value.isArray(), name + " must be an array of objects");
        for (JsonNode each : value) {
            require(each.isObject(), name + " must be an array of objects");
            objects.add((ObjectNode) each);
        }
        return objects;
    }

    static List<String> textList(ObjectNode object, String name) {
        List<String> texts = new ArrayList<>();
        member(object, name).ifPresent(value -> {
            require(value.isArray(), name + " must be an array of strings");
            value.forEach(each -> {
                require(each.isTextual(), name + " must be an array of strings");
                texts.add(each.asText());
            });
        });
        return texts;
    }

    private static Iterable<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }

    static byte[] bytes(RoutingContext request) {
        return request.body().buffer() == null
                ? new byte[0]
                : request.body().buffer().getBytes();
    }

    /** Empty when the object has no such member. */
    static Optional<JsonNode> member(ObjectNode object, String name) {
        return Optional.ofNullable(object.get(name)).filter(value -> !value.isNull());
    }

    static String text(ObjectNode object, String name, String otherwise) {
        return member(object, name)
                .map(value -> {
                    require(value.isTextual(), name + " must be a string");
                    return value.asText();
                })
                .orElse(otherwise);
    }

    static Optional<Integer> integer(ObjectNode object, String name) {
        return member(object, name).map(value -> {
            require(value.isIntegralNumber() && value.canConvertToInt(), name + " must be a whole number");
            return value.asInt();
        });
    }

    static boolean flag(ObjectNode object, String name) {
        return member(object, name)
                .map(value -> {
                    require(value.isBoolean(), name + " must be true or false");
                    return value.asBoolean();
                })
                .orElse(false);
    }

    static Optional<Instant> time(ObjectNode object, String name) {
        return member(object, name).map(value -> {
            try {
                Instant time = Instant.parse(value.asText());
                require(
                        !time.isBefore(Instant.EPOCH) && time.isBefore(END_OF_TIME),
                        name + " must be from 1970 to 9999");
                return time;
            } catch (DateTimeException e) {
                throw invalid(name + " must be a time such as 2030-01-31T12:00:00Z");
            }
        });
    }

    static Map<String, String> texts(ObjectNode object, String name) {
        Map<String, String> texts = new HashMap<>();
        member(object, name).ifPresent(value -> {
            require(value.isObject(), name + " must be an object of strings");
            value.properties().forEach(member -> {
                require(member.getValue().isTextual(), name + "." + member.getKey() + " must be a string");
                texts.put(member.getKey(), member.getValue().asText());
            });
        });
        return texts;
    }

    static String parameter(RoutingContext request, String name) {
        String text =
                request.queryParams().contains(name) ? request.queryParams().get(name) : "";
        require(text.indexOf('\0') < 0, name + " has a NUL character"); // which no store takes
        return text;
    }

    /** False: not given. */
    static boolean flagParameter(RoutingContext request, String name) {
        String text = parameter(request, name);
        require(text.isEmpty() || text.equals("true") || text.equals("false"), name + " must be true or false");
        return text.equals("true");
    }

    /** 0: not given. */
    static int limit(RoutingContext request) {
        String text = parameter(request, "limit");
        if (text.isEmpty()) {
            return 0;
        }
        require(
                text.matches("[0-9]{1,4}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= MAX_LIMIT,
                "limit must be 1 to " + MAX_LIMIT);
        return Integer.parseInt(text);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw invalid(message);
        }
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(Code.INVALID_ARGUMENT, message);
    }
}
