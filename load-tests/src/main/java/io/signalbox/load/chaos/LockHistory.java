package io.signalbox.load.chaos;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What each thread did, as Jepsen writes it down: a line of EDN for each beginning and end of an operation, in the order of time. {@code
 * :acquire} and {@code :release} have the token as value, {@code :cas} what the counter was and becomes. A checker takes the {@code :cas} of
 * one {@code :key} for a compare-and-set register that begins with 0.
 */
final class LockHistory implements AutoCloseable {
    enum Type {
        INVOKE,
        OK,
        FAIL,
        /** Whether it was done is unknown: the process does nothing more under this number. */
        INFO
    }

    /** @param value in EDN */
    record Line(long time, long process, Type type, String f, String key, String value) {
        String edn(long index) {
            return "{:index %d, :time %d, :process %d, :type :%s, :f :%s, :key \"%s\", :value %s}"
                    .formatted(index, time, process, type.name().toLowerCase(Locale.ROOT), f, key, value);
        }

        String text() {
            return String.join(";", Long.toString(time), Long.toString(process), type.name(), f, key, value);
        }

        static Line parse(String text) {
            String[] parts = text.split(";", 6);
            return new Line(
                    Long.parseLong(parts[0]),
                    Long.parseLong(parts[1]),
                    Type.valueOf(parts[2]),
                    parts[3],
                    parts[4],
                    parts[5]);
        }
    }

    private final BufferedWriter out;

    /** Of one process. */
    LockHistory(Path file) throws IOException {
        out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
    }

    synchronized void add(Line line) {
        try {
            out.write(line.text());
            out.newLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }

    static List<Line> merge(List<Path> files, Path edn) throws IOException {
        List<Line> all = new ArrayList<>();
        for (Path file : files) {
            Files.readAllLines(file).forEach(text -> all.add(Line.parse(text)));
        }
        all.sort(Comparator.comparingLong(Line::time));
        try (BufferedWriter out = Files.newBufferedWriter(edn, StandardCharsets.UTF_8)) {
            for (int i = 0; i < all.size(); i++) {
                out.write(all.get(i).edn(i));
                out.newLine();
            }
        }
        return all;
    }

    /**
     * What is wrong with the tokens: given twice, or not greater than one whose acquisition had ended before this one began. Empty:
     * nothing.
     */
    static List<String> tokenFaults(List<Line> history) {
        Map<Long, Long> greatestAtBegin = new HashMap<>();
        Map<String, Long> greatest = new HashMap<>();
        Set<String> seen = new HashSet<>();
        List<String> faults = new ArrayList<>();
        for (Line line : history) {
            if (line.f().equals("acquire") && line.type() == Type.INVOKE) {
                greatestAtBegin.put(line.process(), greatest.getOrDefault(line.key(), 0L));
            } else if (line.f().equals("acquire") && line.type() == Type.OK) {
                long token = Long.parseLong(line.value());
                fault(line, token, greatestAtBegin.get(line.process()), seen).ifPresent(faults::add);
                greatest.merge(line.key(), token, Math::max);
            }
        }
        return faults;
    }

    private static Optional<String> fault(Line line, long token, long before, Set<String> seen) {
        if (!seen.add(line.key() + "/" + token)) {
            return Optional.of("token " + token + " of " + line.key() + " was given twice");
        }
        return token > before
                ? Optional.empty()
                : Optional.of("token " + token + " of " + line.key() + " came after " + before);
    }
}
