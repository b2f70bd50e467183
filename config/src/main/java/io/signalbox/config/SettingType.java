package io.signalbox.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/**
 * How a value is read that becomes a {@code T}. Immutable.
 *
 * @param expected completes "expected ..." for the operator
 * @param parser empty: the text is no such value
 */
record SettingType<T>(String expected, Function<RawValue, Optional<T>> parser) {
    /**
     * @param type of the record's component
     * @param setting gives the limits
     */
    static SettingType<?> of(Type type, Setting setting) {
        if (!(type instanceof ParameterizedType generic)) {
            return simple((Class<?>) type, setting);
        }
        SettingType<?> element = of(generic.getActualTypeArguments()[0], setting);
        if (generic.getRawType() == List.class) {
            return listOf(element);
        } else if (generic.getRawType() == Optional.class) {
            return element.orEmpty(Optional.empty(), Optional::of);
        }
        throw unsupported(type);
    }

    Optional<T> parse(RawValue value) {
        return parser.apply(value);
    }

    private static SettingType<?> simple(Class<?> type, Setting setting) {
        if (type == String.class) {
            return new SettingType<>("a text", value -> Optional.of(value.text()));
        } else if (type == Secret.class) {
            return new SettingType<>("a secret text", value -> Optional.of(new Secret(value.text())));
        } else if (type == Path.class) {
            return new SettingType<>("a path", SettingType::path);
        } else if (type == int.class) {
            return intNumber(setting);
        } else if (type == long.class) {
            return wholeNumber(setting.min(), setting.max());
        } else if (type == OptionalInt.class) {
            return intNumber(setting).orEmpty(OptionalInt.empty(), OptionalInt::of);
        } else if (type == boolean.class) {
            return oneOf(List.of(true, false));
        } else if (type == Duration.class) {
            return duration(setting);
        } else if (type == ByteSize.class) {
            return byteSize(setting);
        } else if (type.isEnum()) {
            return oneOf(List.of(type.getEnumConstants()));
        }
        throw unsupported(type);
    }

    private <R> SettingType<R> map(Function<T, R> conversion) {
        return new SettingType<>(expected, value -> parse(value).map(conversion));
    }

    /** An empty text is allowed and stands for "none". */
    private <R> SettingType<R> orEmpty(R none, Function<T, R> some) {
        return new SettingType<>(
                expected + ", or nothing",
                value -> value.text().isEmpty()
                        ? Optional.of(none)
                        : parse(value).map(some));
    }

    private static <T> SettingType<List<T>> listOf(SettingType<T> element) {
        return new SettingType<>("a list, each " + element.expected(), value -> {
            List<T> elements = new ArrayList<>();
            for (String item : value.items()) {
                element.parse(RawValue.of(item, value.source())).ifPresent(elements::add);
            }
            return elements.size() == value.items().size() ? Optional.of(List.copyOf(elements)) : Optional.empty();
        });
    }

    private static Optional<Path> path(RawValue value) {
        try {
            return value.text().isEmpty() ? Optional.empty() : Optional.of(Path.of(value.text()));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static SettingType<Integer> intNumber(Setting setting) {
        long min = Math.max(setting.min(), Integer.MIN_VALUE);
        long max = Math.min(setting.max(), Integer.MAX_VALUE);
        return wholeNumber(min, max).map(Math::toIntExact);
    }

    private static SettingType<Long> wholeNumber(long min, long max) {
        return new SettingType<>(
                "a whole number" + limits(min, max, Long::toString),
                value -> number(value.text()).filter(number -> number >= min && number <= max));
    }

    private static Optional<Long> number(String text) {
        try {
            return Optional.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static SettingType<Duration> duration(Setting setting) {
        return new SettingType<>(
                "a duration such as 500ms, 10s or 5m"
                        + limits(setting.min(), setting.max(), millis -> DurationText.print(Duration.ofMillis(millis))),
                value -> DurationText.parse(value.text()).filter(duration -> isWithin(setting, duration.toMillis())));
    }

    private static SettingType<ByteSize> byteSize(Setting setting) {
        return new SettingType<>(
                "a size such as 256KiB or 1MiB"
                        + limits(setting.min(), setting.max(), bytes -> new ByteSize(bytes).toString()),
                value -> ByteSize.parse(value.text()).filter(size -> isWithin(setting, size.bytes())));
    }

    private static <T> SettingType<T> oneOf(List<T> choices) {
        String names = choices.stream().map(SettingType::nameOf).collect(Collectors.joining(", "));
        return new SettingType<>(
                "one of " + names,
                value -> choices.stream()
                        .filter(choice -> nameOf(choice).equals(value.text().toLowerCase(Locale.ROOT)))
                        .findFirst());
    }

    /** How an enum's constant is written. */
    static String nameOf(Object choice) {
        return choice.toString().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static boolean isWithin(Setting setting, long number) {
        return number >= setting.min() && number <= setting.max();
    }

    private static String limits(long min, long max, LongFunction<String> print) {
        boolean hasMin = min != Long.MIN_VALUE;
        boolean hasMax = max != Long.MAX_VALUE;
        if (hasMin && hasMax) {
            return ", from " + print.apply(min) + " to " + print.apply(max);
        } else if (hasMin) {
            return ", at least " + print.apply(min);
        }
        return hasMax ? ", at most " + print.apply(max) : "";
    }

    private static IllegalStateException unsupported(Type type) {
        return new IllegalStateException("A setting cannot be a " + type.getTypeName());
    }
}
