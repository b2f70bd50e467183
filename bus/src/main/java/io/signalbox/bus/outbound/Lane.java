package io.signalbox.bus.outbound;

/** Where a message waits, by its priority. The order is that of service; dropping goes from the end. */
public enum Lane {
    /** Entries that are no messages: answers, assignments. Never dropped. */
    CONTROL(Integer.MAX_VALUE),
    /** Priority 7 to 9. */
    URGENT(16),
    /** Priority 4 to 6. */
    NORMAL(4),
    /** Priority 0 to 3. */
    BULK(1);

    private final int weight;

    Lane(int weight) {
        this.weight = weight;
    }

    /** How many go in one round while the other lanes wait too. */
    int weight() {
        return weight;
    }

    /** @param priority 0 to 9 */
    public static Lane of(int priority) {
        if (priority >= 7) {
            return URGENT;
        }
        return priority >= 4 ? NORMAL : BULK;
    }
}
