package io.signalbox.load.peer;

import io.signalbox.load.LoadException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Which processors a child process may use. */
public final class Processors {
    private Processors() {}

    /**
     * That {@code taskset} is there and takes the list.
     *
     * @throws LoadException saying what is wrong
     */
    public static void check(String processors) throws IOException, InterruptedException {
        if (processors.isEmpty()) {
            return;
        }
        Process tried = start(List.of("taskset", "-c", processors, "true"));
        String said = new String(tried.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        if (tried.waitFor() != 0) {
            throw new LoadException("processors " + processors + " cannot be had here: " + said);
        }
    }

    private static Process start(List<String> taskset) throws LoadException {
        try {
            return new ProcessBuilder(taskset).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new LoadException("taskset is not installed, and nothing can be pinned to processors without it"
                    + " (apt install util-linux)");
        }
    }

    /** Whether {@code taskset} is there and there is more than one processor to choose from. */
    public static boolean canPin() throws IOException, InterruptedException {
        try {
            check("0,1");
            return true;
        } catch (LoadException e) {
            return false;
        }
    }

    /** How many processors a list names, such as {@code 0,2-3} or {@code 0-6:2}. Empty: all. */
    public static int count(String processors) {
        if (processors.isEmpty()) {
            return Runtime.getRuntime().availableProcessors();
        }
        return Stream.of(processors.split(",")).mapToInt(Processors::countRange).sum();
    }

    private static int countRange(String range) {
        String[] rangeAndStride = range.split(":");
        String[] ends = rangeAndStride[0].split("-");
        int stride = rangeAndStride.length > 1 ? Integer.parseInt(rangeAndStride[1]) : 1;
        return (Integer.parseInt(ends[ends.length - 1]) - Integer.parseInt(ends[0])) / stride + 1;
    }

    /** @param processors as {@code taskset} takes them; empty: all */
    public static List<String> pinned(List<String> command, String processors) {
        if (processors.isEmpty()) {
            return command;
        }
        List<String> whole = new ArrayList<>(List.of("taskset", "-c", processors));
        whole.addAll(command);
        return whole;
    }
}
