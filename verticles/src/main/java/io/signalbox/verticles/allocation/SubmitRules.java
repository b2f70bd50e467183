package io.signalbox.verticles.allocation;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.semver4j.range.RangeList;
import org.semver4j.range.RangeListFactory;

/** What a submitted task must be, before anything is done about it. */
final class SubmitRules {
    private static final Pattern SKILL = Pattern.compile("[a-z0-9]+([.-][a-z0-9]+)*");

    /** Versions are compared by numbers of 64 bits: longer ones pass in a range and fail when they are compared. */
    private static final Pattern TOO_BIG = Pattern.compile("[0-9]{19}");

    private static final int MAX_NAME = 200;
    private static final int MAX_TEXT = 1000;
    private static final int MAX_LABELS = 50;
    private static final int MAX_ATTEMPTS = 100;
    private static final int DEFAULT_PRIORITY = 5;

    private SubmitRules() {}

    /**
     * The request with its defaults filled in.
     *
     * @throws ServiceException {@code INVALID_ARGUMENT}, naming the field
     */
    static SubmitTask complete(SubmitTask request, int defaultAttempts, Instant now) {
        require(
                request.getSkill().length() <= MAX_NAME
                        && SKILL.matcher(request.getSkill()).matches(),
                "skill '" + request.getSkill() + "': lower-case words and digits joined by . or -");
        require(
                isRange(request.getVersionRange()),
                "version '" + request.getVersionRange() + "': a range such as ^1.2");
        int priority = request.hasPriority() ? request.getPriority() : DEFAULT_PRIORITY;
        require(priority >= 0 && priority <= 9, "priority " + Integer.toUnsignedString(priority) + ", must be 0 to 9");
        int attempts = request.getMaxAttempts() == 0 ? defaultAttempts : request.getMaxAttempts();
        require(
                attempts >= 1 && attempts <= MAX_ATTEMPTS,
                "maxAttempts " + Integer.toUnsignedString(attempts) + ", must be 1 to " + MAX_ATTEMPTS);
        long deadline = request.getDeadlineMs();
        require(deadline == 0 || deadline > now.toEpochMilli(), "deadline has passed already");
        require(request.getLabelsCount() <= MAX_LABELS, "labels: more than " + MAX_LABELS);
        request.getLabelsMap().forEach((name, value) -> {
            requireText("labels", name, MAX_NAME);
            requireText("labels." + name, value, MAX_TEXT);
        });
        requireText("submitter", request.getSubmitter(), MAX_TEXT);
        requireText("tenant", request.getTenant(), MAX_NAME);
        requireText("idempotency key", request.getIdempotencyKey(), MAX_NAME);
        requireText("traceparent", request.getTraceparent(), MAX_NAME);
        requireText("contentType", request.getContentType(), MAX_NAME);
        return request.toBuilder()
                .setPriority(priority)
                .setMaxAttempts(attempts)
                .setTenant(request.getTenant().isEmpty() ? request.getSubmitter() : request.getTenant())
                .build();
    }

    private static boolean isRange(String text) {
        if (text.isEmpty()) {
            return true;
        }
        if (text.length() > MAX_NAME || TOO_BIG.matcher(text).find()) {
            return false;
        }
        try {
            RangeList range = RangeListFactory.create(text);
            return !range.get().isEmpty();
        } catch (RuntimeException e) {
            return false; // the library's way to say that it is none
        }
    }

    private static void requireText(String field, String text, int maxLength) {
        require(text.length() <= maxLength, field + ": longer than " + maxLength + " characters");
        require(text.indexOf('\0') < 0, field + ": has a NUL character");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new ServiceException(Code.INVALID_ARGUMENT, message);
        }
    }

    static TaskSpec spec(UUID id, SubmitTask request, Instant submittedAt) {
        return new TaskSpec(
                id,
                request.getSkill(),
                request.getVersionRange(),
                request.getTenant(),
                request.getPriority(),
                submittedAt,
                request.getDeadlineMs() == 0
                        ? Optional.empty()
                        : Optional.of(Instant.ofEpochMilli(request.getDeadlineMs())),
                request.getMaxAttempts(),
                request.hasPlan() ? TaskPlan.of(request.getPlan()) : TaskPlan.NONE);
    }
}
