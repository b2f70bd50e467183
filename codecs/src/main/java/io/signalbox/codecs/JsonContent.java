package io.signalbox.codecs;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** How content, bytes in Protobuf, stands in JSON: by the content type next to it. */
enum JsonContent {
    /** The document itself. */
    JSON,
    /** A string. */
    TEXT,
    /** A string in base64 (RFC 4648, section 4). */
    BASE64;

    private static final Set<String> FIELDS = Set.of("payload", "input", "output");

    /** @param contentType empty means JSON */
    static JsonContent of(String contentType) {
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (type.isEmpty() || type.equals("application/json") || type.endsWith("+json")) {
            return JSON;
        }
        return type.startsWith("text/") ? TEXT : BASE64;
    }

    /** The field next to {@code field} that names its content's type; empty when it holds bytes like any others. */
    static Optional<FieldDescriptor> typeField(FieldDescriptor field) {
        Descriptor type = field.getContainingType();
        return FIELDS.contains(field.getName())
                ? Optional.ofNullable(type.findFieldByName("content_type"))
                : Optional.empty();
    }

    /** A message's id, which stands as the text of a UUID. */
    static boolean isUuid(FieldDescriptor field) {
        return field.getType() == FieldDescriptor.Type.BYTES && field.getName().equals("id");
    }
}
