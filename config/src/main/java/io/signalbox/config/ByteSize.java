package io.signalbox.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes; written {@code 512}, {@code 256KiB}, {@code 1MiB}, {@code 2GiB}. Immutable, thread-safe. */
public record ByteSize(long bytes) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,18}) ?(B|KiB|MiB|GiB)?");
    private static final Map<String, Long> UNITS = Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);
    private static final List<String> LARGEST_FIRST = List.of("GiB", "MiB", "KiB");

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("negative size");
        }
    }

    /** Empty when the text is no size. Units are powers of 1024 only, for KB means 1000 to some and 1024 to others. */
    public static Optional<ByteSize> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long unit = Optional.ofNullable(matcher.group(2)).map(UNITS::get).orElse(1L);
        long number = Long.parseLong(matcher.group(1));
        return number > Long.MAX_VALUE / unit ? Optional.empty() : Optional.of(new ByteSize(number * unit));
    }

    public int toInt() {
        return Math.toIntExact(bytes);
    }

    /** In the notation that is read, with the largest unit that needs no fraction. */
    @Override
    public String toString() {
        for (String unit : LARGEST_FIRST) {
            long size = UNITS.get(unit);
            if (bytes > 0 && bytes % size == 0) {
                return bytes / size + unit;
            }
        }
        return Long.toString(bytes);
    }
}
