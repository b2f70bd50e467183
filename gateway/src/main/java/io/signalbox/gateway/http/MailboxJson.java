package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.codecs.internal.DeadLetterView;
import io.signalbox.codecs.internal.MailboxStatus;
import io.signalbox.codecs.internal.Replayed;
import io.signalbox.codecs.proto.Message;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Mailboxes and dead letters as the API's JSON. Thread-safe. */
final class MailboxJson {
    private MailboxJson() {}

    /** Without the message. */
    static ObjectNode deadLetter(DeadLetterView letter) {
        ObjectNode json = ApiJson.object().put("agent", letter.getAgent()).put("id", letter.getId());
        ApiJson.putReason(json, letter.getReasonCode(), letter.getDetail());
        json.put("attempts", letter.getAttempts())
                .put("diedAt", ApiJson.time(letter.getDiedAtMs()))
                .put("priority", letter.getPriority());
        ApiJson.putUnlessEmpty(json, "source", letter.getSource());
        ApiJson.putUnlessEmpty(json, "type", letter.getType());
        return json.put("size", letter.getSize());
    }

    static ObjectNode wholeDeadLetter(DeadLetterView letter) {
        ObjectNode json = deadLetter(letter);
        json.set("message", message(letter.getMessage()));
        return json;
    }

    private static ObjectNode message(Message message) {
        ObjectNode json = ApiJson.object()
                .put("address", message.getAddress())
                .put("time", time(message.getTime()))
                .put("durability", durability(message));
        if (message.getTtlMs() != 0) {
            json.put("ttlMs", Integer.toUnsignedLong(message.getTtlMs()));
        }
        ApiJson.putUnlessEmpty(json, "replyTo", message.getReplyTo());
        ApiJson.putUnlessEmpty(json, "correlationId", message.getCorrelationId());
        ApiJson.putUnlessEmpty(json, "traceparent", message.getTraceparent());
        ApiJson.putMap(json.putObject("headers"), message.getHeadersMap());
        ApiJson.putUnlessEmpty(json, "contentType", message.getContentType());
        json.set("payload", ApiJson.content(message.getPayload(), message.getContentType()));
        return json;
    }

    private static String time(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }

    private static String durability(Message message) {
        return message.getDurability().name().substring("DURABILITY_".length()).toLowerCase(Locale.ROOT);
    }

    static ObjectNode replayed(Replayed replayed) {
        ObjectNode json =
                ApiJson.object().put("replayed", replayed.getReplayed()).put("more", replayed.getMore());
        ApiJson.putReason(json, replayed.getCode(), replayed.getReason());
        return json;
    }

    static ObjectNode mailbox(MailboxStatus status) {
        ObjectNode json = ApiJson.object()
                .put("agent", status.getAgent())
                .put("messages", status.getMessages())
                .put("bytes", status.getBytes());
        return status.getMessages() == 0 ? json : json.put("oldest", ApiJson.time(status.getOldestMs()));
    }
}
