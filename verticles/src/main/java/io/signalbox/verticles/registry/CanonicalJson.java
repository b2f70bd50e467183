package io.signalbox.verticles.registry;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * One text for equal documents, by RFC 8785: members sorted, no white space, numbers and texts written in one way. Integers
 * are written with all their digits, also those that a double cannot hold: a schema's limits are often of 64 bits.
 */
final class CanonicalJson {
    private static final MathContext ONE_DIGIT = new MathContext(1, RoundingMode.HALF_EVEN);

    /** Numbers from 1e-6 to below 1e21 are written without an exponent. */
    private static final int MIN_PLAIN = -6;

    private static final int MAX_PLAIN = 21;

    private CanonicalJson() {}

    /** @throws IllegalArgumentException a number is too big, or a text is no Unicode */
    static String write(JsonNode node) {
        StringBuilder text = new StringBuilder();
        write(node, text);
        return text.toString();
    }

    private static void write(JsonNode node, StringBuilder text) {
        if (node.isObject()) {
            writeObject(node, text);
        } else if (node.isArray()) {
            writeArray(node, text);
        } else if (node.isString()) {
            writeString(node.stringValue(), text);
        } else if (node.isFloatingPointNumber()) {
            text.append(number(node.doubleValue()));
        } else {
            text.append(node);
        }
    }

    private static void writeObject(JsonNode node, StringBuilder text) {
        Map<String, JsonNode> members = new TreeMap<>();
        node.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
        text.append('{');
        Iterator<Map.Entry<String, JsonNode>> sorted = members.entrySet().iterator();
        while (sorted.hasNext()) {
            Map.Entry<String, JsonNode> member = sorted.next();
            writeString(member.getKey(), text);
            text.append(':');
            write(member.getValue(), text);
            text.append(sorted.hasNext() ? "," : "");
        }
        text.append('}');
    }

    private static void writeArray(JsonNode node, StringBuilder text) {
        text.append('[');
        for (int i = 0; i < node.size(); i++) {
            text.append(i == 0 ? "" : ",");
            write(node.get(i), text);
        }
        text.append(']');
    }

    private static void writeString(String value, StringBuilder text) {
        text.append('"');
        value.codePoints().forEach(point -> writeCodePoint(point, text));
        text.append('"');
    }

    private static void writeCodePoint(int point, StringBuilder text) {
        switch (point) {
            case '"' -> text.append("\\\"");
            case '\\' -> text.append("\\\\");
            case '\b' -> text.append("\\b");
            case '\t' -> text.append("\\t");
            case '\n' -> text.append("\\n");
            case '\f' -> text.append("\\f");
            case '\r' -> text.append("\\r");
            default -> {
                if (point < ' ') {
                    text.append("\\u").append(HexFormat.of().toHexDigits((short) point));
                } else if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                    throw new IllegalArgumentException("half of a surrogate pair");
                } else {
                    text.appendCodePoint(point);
                }
            }
        }
    }

    /** As ECMAScript writes it: the fewest digits that give this number again. */
    private static String number(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("a number beyond 1.8e308");
        }
        if (value == 0) {
            return "0";
        }
        BigDecimal shortest = shortest(value).stripTrailingZeros();
        int point = shortest.precision() - shortest.scale();
        if (point > MIN_PLAIN && point <= MAX_PLAIN) {
            return shortest.toPlainString();
        }
        String digits = shortest.unscaledValue().abs().toString();
        String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
        String exponent = point > 0 ? "+" + (point - 1) : Integer.toString(point - 1);
        return (value < 0 ? "-" : "") + digits.charAt(0) + fraction + "e" + exponent;
    }

    /** Java gives two digits at least, where one may be enough. */
    private static BigDecimal shortest(double value) {
        BigDecimal digits = new BigDecimal(Double.toString(value));
        BigDecimal one = digits.round(ONE_DIGIT);
        return one.doubleValue() == value ? one : digits;
    }

    /** Hexadecimal. */
    static String sha256(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
