package io.signalbox.bus;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
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

    /** Walks over both texts level by level: it runs for every message that a client publishes. */
    public boolean matches(String address) {
        if (address.startsWith("$") && (text.charAt(0) == '+' || text.charAt(0) == '#')) {
            return false;
        }
        int from = 0;
        int addressFrom = 0;
        while (from <= text.length()) {
            int end = levelEnd(text, from);
            if (isWildcard('#', from, end)) {
                return true;
            }
            if (addressFrom > address.length()) {
                return false;
            }
            int addressEnd = levelEnd(address, addressFrom);
            boolean same = end - from == addressEnd - addressFrom
                    && text.regionMatches(from, address, addressFrom, end - from);
            if (!same && !isWildcard('+', from, end)) {
                return false;
            }
            from = end + 1;
            addressFrom = addressEnd + 1;
        }
        return addressFrom > address.length();
    }

    private boolean isWildcard(char wildcard, int from, int end) {
        return end - from == 1 && text.charAt(from) == wildcard;
    }

    private static int levelEnd(String text, int from) {
        int slash = text.indexOf('/', from);
        return slash < 0 ? text.length() : slash;
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

    /** In one pass and without garbage, as it runs for every message. */
    private static String lengthFault(String text) {
        if (text.isEmpty()) {
            return "empty address";
        }
        int bytes = 0;
        int levels = 1;
        for (int i = 0; i < text.length(); ) {
            int character = text.codePointAt(i);
            i += Character.charCount(character);
            bytes += utf8Bytes(character);
            if (character == 0) {
                return "address with a NUL character";
            }
            if (character == '/') {
                levels++;
            }
            if (bytes > MAX_BYTES) {
                return "address longer than " + MAX_BYTES + " bytes";
            }
            if (levels > MAX_LEVELS) {
                return "address with more than " + MAX_LEVELS + " levels";
            }
        }
        return null;
    }

    private static int utf8Bytes(int character) {
        if (character < 0x80) {
            return 1;
        }
        if (character < 0x800) {
            return 2;
        }
        if (character >= 0x10000) {
            return 4;
        }
        // Half a surrogate pair is written as '?'.
        return Character.isSurrogate((char) character) ? 1 : 3;
    }
}
