package io.signalbox.verticles.deadletter;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/** Where a page of dead letters ended. Immutable, thread-safe. */
public record PagePlace(Instant diedAt, UUID id, String agent) {
    static PagePlace of(DeadLetter last) {
        return new PagePlace(last.diedAt(), last.id(), last.agent());
    }

    /** For clients, who make nothing of it. */
    String cursor() {
        String text = diedAt.toEpochMilli() + "/" + id + "/" + agent;
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * @param cursor empty: none
     * @throws ServiceException {@code INVALID_ARGUMENT}
     */
    static Optional<PagePlace> parse(String cursor) {
        if (cursor.isEmpty()) {
            return Optional.empty();
        }
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8).split("/", 3);
            if (parts.length == 3) {
                Instant diedAt = Instant.ofEpochMilli(Long.parseLong(parts[0]));
                return Optional.of(new PagePlace(diedAt, UUID.fromString(parts[1]), parts[2]));
            }
        } catch (IllegalArgumentException | DateTimeException e) {
            throw unknown();
        }
        throw unknown();
    }

    private static ServiceException unknown() {
        return new ServiceException(Code.INVALID_ARGUMENT, "cursor is not one of ours; take nextCursor of a page");
    }
}
