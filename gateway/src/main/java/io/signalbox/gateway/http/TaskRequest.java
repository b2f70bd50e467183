package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads a task that is to be submitted, now or by a schedule. */
final class TaskRequest {
    static final Set<String> MEMBERS = Stream.concat(
                    Stream.of(
                            "skill",
                            "versionRange",
                            "input",
                            "contentType",
                            "priority",
                            "deadline",
                            "maxAttempts",
                            "labels",
                            "failFast",
                            "tenant"),
                    PlanJson.MEMBERS.stream())
            .collect(Collectors.toUnmodifiableSet());

    private TaskRequest() {}

    /**
     * What the body says; who submits it is not in it.
     *
     * @param body has no other members than {@link #MEMBERS}
     * @param maxInput bytes
     */
    static SubmitTask read(ObjectNode body, long maxInput) {
        String contentType = ApiRequest.text(body, "contentType", "");
        ByteString input = Optional.ofNullable(body.get("input"))
                .map(value -> ApiJson.content(value, contentType))
                .orElse(ByteString.EMPTY);
        if (input.size() > maxInput) {
            throw new ServiceException(
                    Code.TOO_LARGE, "an input of " + input.size() + " bytes, allowed are " + maxInput);
        }
        SubmitTask.Builder task = SubmitTask.newBuilder()
                .setSkill(ApiRequest.text(body, "skill", ""))
                .setVersionRange(ApiRequest.text(body, "versionRange", ""))
                .setDeadlineMs(ApiRequest.time(body, "deadline")
                        .map(Instant::toEpochMilli)
                        .orElse(0L))
                .setMaxAttempts(ApiRequest.integer(body, "maxAttempts").orElse(0))
                .setFailFast(ApiRequest.flag(body, "failFast"))
                .putAllLabels(ApiRequest.texts(body, "labels"))
                .setContentType(contentType)
                .setInput(input)
                .setTenant(ApiRequest.text(body, "tenant", ""));
        ApiRequest.integer(body, "priority").ifPresent(task::setPriority);
        PlanJson.read(body).ifPresent(task::setPlan);
        return task.build();
    }
}
