package io.signalbox.bus;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A subscription's pattern in MQTT's grammar (MQTT 5, section 4.7): levels split by {@code /}, {@code +} matches one level,
 * {@code #} as the last level matches the rest and the level before it; a leading wildcard does not match addresses that
 * start with {@code $}. Immutable, thread-safe.
 */
public record AddressPattern(String text) {
    /** Bytes of UTF-8 in an address or a pattern. */
    public static final int MAX_BYTES = 1024;

    public static final int MAX_LEVELS = 32;

    public AddressPattern {
        String fault = patternFault(text);
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
    }

    /** For text from outside: fails with {@link Code#INVALID_ADDRESS}. */
    public static AddressPattern parse(String text) throws CodecException {
        String fault = patternFault(text);
        if (fault != null) {
            throw new CodecException(Code.INVALID_ADDRESS, fault);
        }
        return new AddressPattern(text);
    }

    /** Fails with {@link Code#INVALID_ADDRESS} unless {@code address} is an address: not empty, no wildcard, no NUL, within the limits. */
    public static void checkAddress(String address) throws CodecException {
        String fault = lengthFault(address);
        if (fault == null && (address.indexOf('+') >= 0 || address.indexOf('#') >= 0)) {
            fault = "address '" + address + "' has a wildcard";
        }
        if (fault != null) {
            throw new CodecException(Code.INVALID_ADDRESS, fault);
        }
    }

    public boolean hasWildcard() {
        return text.indexOf('+') >= 0 || text.indexOf('#') >= 0;
    }

    public List<String> levels() {
        return List.of(text.split("/", -1));
    }

    public boolean matches(String address) {
        return matches(text.split("/", -1), address.split("/", -1));
    }

    private static boolean matches(String[] pattern, String[] address) {
        boolean wild = pattern[0].equals("+") || pattern[0].equals("#");
        if (wild && address[0].startsWith("$")) {
            return false;
        }
        for (int i = 0; i < pattern.length; i++) {
            if (pattern[i].equals("#")) {
                return true;
            }
            if (i >= address.length || !(pattern[i].equals("+") || pattern[i].equals(address[i]))) {
                return false;
            }
        }
        return pattern.length == address.length;
    }

    private static String patternFault(String text) {
        String fault = lengthFault(text);
        if (fault != null) {
            return fault;
        }
        String[] levels = text.split("/", -1);
        for (int i = 0; i < levels.length; i++) {
            String level = levels[i];
            if (level.length() > 1 && (level.indexOf('+') >= 0 || level.indexOf('#') >= 0)) {
                return "pattern '" + text + "': a wildcard must stand alone in its level";
            }
            if (level.equals("#") && i != levels.length - 1) {
                return "pattern '" + text + "': '#' must be the last level";
            }
        }
        return null;
    }

    private static String lengthFault(String text) {
        if (text.isEmpty()) {
            return "empty address";
        }
        if (text.indexOf('\0') >= 0) {
            return "address with a NUL character";
        }
        if (text.length() > MAX_BYTES || text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            return "address longer than " + MAX_BYTES + " bytes";
        }
        if (text.chars().filter(c -> c == '/').count() >= MAX_LEVELS) {
            return "address with more than " + MAX_LEVELS + " levels";
        }
        return null;
    }
}
