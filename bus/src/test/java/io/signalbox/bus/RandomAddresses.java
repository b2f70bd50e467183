package io.signalbox.bus;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Short addresses and patterns over few levels, so that they often match; empty levels and {@code $} ones among them. */
final class RandomAddresses {
    private static final List<String> LEVELS = List.of("a", "b", "ab", "$c", "", "agent");

    private final Random random;

    RandomAddresses(Random random) {
        this.random = random;
    }

    String address() {
        String text = IntStream.rangeClosed(0, random.nextInt(5))
                .mapToObj(ignored -> LEVELS.get(random.nextInt(LEVELS.size())))
                .collect(Collectors.joining("/"));
        return text.isEmpty() ? "a" : text;
    }

    AddressPattern pattern() {
        String[] levels = address().split("/", -1);
        for (int i = 0; i < levels.length; i++) {
            if (random.nextInt(3) == 0) {
                levels[i] = "+";
            }
        }
        if (random.nextInt(3) == 0) {
            levels[levels.length - 1] = "#";
        }
        return new AddressPattern(String.join("/", levels));
    }

    /** MQTT 5, section 4.7, as a recursion over lists. */
    static boolean matches(AddressPattern pattern, String address) {
        List<String> wanted = List.of(pattern.text().split("/", -1));
        List<String> levels = List.of(address.split("/", -1));
        boolean hidden = levels.getFirst().startsWith("$") && List.of("+", "#").contains(wanted.getFirst());
        return !hidden && matches(wanted, levels);
    }

    private static boolean matches(List<String> wanted, List<String> levels) {
        if (wanted.isEmpty() || levels.isEmpty()) {
            return wanted.equals(levels) || wanted.equals(List.of("#"));
        }
        return switch (wanted.getFirst()) {
            case "#" -> true;
            case String one
            when one.equals("+") || one.equals(levels.getFirst()) ->
                matches(wanted.subList(1, wanted.size()), levels.subList(1, levels.size()));
            default -> false;
        };
    }
}
