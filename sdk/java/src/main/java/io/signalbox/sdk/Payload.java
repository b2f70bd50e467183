package io.signalbox.sdk;

import com.google.protobuf.ByteString;
import java.util.Objects;

/** Content with its type: what a message carries, what a task takes and gives. Immutable, thread-safe. */
public final class Payload {
    private static final String JSON = "application/json";

    /** No content. */
    public static final Payload EMPTY = new Payload("", ByteString.EMPTY);

    private final String contentType;
    private final ByteString content;

    private Payload(String contentType, ByteString content) {
        this.contentType = Objects.requireNonNull(contentType);
        this.content = Objects.requireNonNull(content);
    }

    /** @param json a JSON document; not checked here, the node checks it against the skill's schema */
    public static Payload json(String json) {
        return new Payload(JSON, ByteString.copyFromUtf8(json));
    }

    public static Payload text(String text) {
        return new Payload("text/plain", ByteString.copyFromUtf8(text));
    }

    public static Payload of(String contentType, byte[] bytes) {
        return new Payload(contentType, ByteString.copyFrom(bytes));
    }

    static Payload of(String contentType, ByteString content) {
        return content.isEmpty() && contentType.isEmpty() ? EMPTY : new Payload(contentType, content);
    }

    /** {@code application/json} where the sender named none. */
    public String contentType() {
        return contentType.isEmpty() ? JSON : contentType;
    }

    public int size() {
        return content.size();
    }

    public byte[] bytes() {
        return content.toByteArray();
    }

    /** The bytes read as UTF-8. */
    public String text() {
        return content.toStringUtf8();
    }

    ByteString content() {
        return content;
    }

    @Override
    public String toString() {
        return contentType() + ", " + size() + " bytes";
    }
}
