package io.signalbox.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 250ms}, {@code 10s}, {@code 1m30s}, {@code 2h}, {@code 1d}. */
final class DurationText {
    private static final Pattern PART = Pattern.compile("(\\d{1,15})(ms|s|m|h|d)");
    private static final Pattern WHOLE = Pattern.compile("(?:" + PART.pattern() + ")+");
    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
    private static final List<String> LARGEST_FIRST = List.of("d", "h", "m", "s", "ms");

    private DurationText() {}

    /** Empty when the text is none, or too long to count in milliseconds. */
    static Optional<Duration> parse(String text) {
        if (text.equals("0")) {
            return Optional.of(Duration.ZERO);
        }
        if (!WHOLE.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            long millis = 0;
            Matcher parts = PART.matcher(text);
            while (parts.find()) {
                long part = Math.multiplyExact(Long.parseLong(parts.group(1)), MILLIS.get(parts.group(2)));
                millis = Math.addExact(millis, part);
            }
            return Optional.of(Duration.ofMillis(millis));
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    static String print(Duration duration) {
        long rest = duration.toMillis();
        if (rest == 0) {
            return "0s";
        }
        StringBuilder text = new StringBuilder();
        for (String unit : LARGEST_FIRST) {
            long size = MILLIS.get(unit);
            if (rest >= size) {
                text.append(rest / size).append(unit);
                rest %= size;
            }
        }
        return text.toString();
    }
}
