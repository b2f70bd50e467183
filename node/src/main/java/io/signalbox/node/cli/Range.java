package io.signalbox.node.cli;

/** Which numbers an option takes. */
record Range(int from, int to) {
    /** @throws UsageException when the number is another */
    int check(String option, int number) {
        if (number < from || number > to) {
            String expected = to == Integer.MAX_VALUE ? "a number from " + from + " on" : from + " to " + to;
            throw new UsageException(option + " " + number + ": expected " + expected);
        }
        return number;
    }
}
