package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.internal.TaskView;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tasks to submit, alone or many at once, as JSON. */
final class SubmitJson {
    private static final String KEY = "idempotencyKey";
    private static final Set<String> MEMBERS_WITH_KEY =
            Stream.concat(TaskRequest.MEMBERS.stream(), Stream.of(KEY)).collect(Collectors.toUnmodifiableSet());

    private static final int MAX_BATCH = 1000;
    private static final int MAX_KEY = 200;

    private SubmitJson() {}

    /** With the hash of it, and without what is in headers. */
    static SubmitTask.Builder read(ObjectNode body, long maxInput) {
        SubmitTask task = TaskRequest.read(body, maxInput);
        return task.toBuilder().setRequestHash(hash(task));
    }

    /** Of a batch, where each has its idempotency key as a member. */
    static SubmitTask.Builder readWithKey(JsonNode each, long maxInput) {
        if (!(each instanceof ObjectNode body)) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "a task must be an object");
        }
        ApiRequest.refuseUnknown(body, MEMBERS_WITH_KEY, "");
        String key = ApiRequest.text(body, KEY, "");
        if (key.length() > MAX_KEY) {
            throw new ServiceException(Code.INVALID_ARGUMENT, KEY + " may have " + MAX_KEY + " characters");
        }
        return read(body, maxInput).setIdempotencyKey(key);
    }

    static ArrayNode batch(RoutingContext request) {
        ObjectNode body = ApiRequest.body(request, Set.of("tasks"));
        if (!(body.get("tasks") instanceof ArrayNode tasks) || tasks.isEmpty() || tasks.size() > MAX_BATCH) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "tasks must be an array of 1 to " + MAX_BATCH);
        }
        return tasks;
    }

    static ObjectNode accepted(TaskView task) {
        ObjectNode accepted = ApiJson.object();
        accepted.set("task", ApiJson.task(task, false));
        return task.getRepeatedRequest() ? accepted.put("replayed", true) : accepted;
    }

    /** What is not a refusal is for the log, and fails. */
    static Future<ObjectNode> refused(Throwable cause) {
        if (!(cause instanceof ServiceException refusal)) {
            return Future.failedFuture(cause);
        }
        ObjectNode refused = ApiJson.object();
        refused.set("problem", ApiProblem.of(refusal).ofOne());
        return Future.succeededFuture(refused);
    }

    /** Empty when it is not there. */
    static String header(RoutingContext request, String name) {
        return Optional.ofNullable(request.request().getHeader(name)).orElse("");
    }

    /** The same for equal requests, however their JSON was written. */
    private static ByteString hash(SubmitTask task) {
        try {
            byte[] bytes = new byte[task.getSerializedSize()];
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.useDeterministicSerialization();
            task.writeTo(out);
            return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
