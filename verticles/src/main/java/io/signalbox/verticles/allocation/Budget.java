package io.signalbox.verticles.allocation;

/**
 * What a task and all its descendants may use; 0: no limit. Immutable.
 *
 * @param costMicros millionths of whatever currency
 * @param depth generations of descendants
 * @param width children of each task
 */
record Budget(long tokens, long costMicros, int depth, int width) {
    static final Budget NONE = new Budget(0, 0, 0, 0);

    static Budget of(io.signalbox.codecs.internal.Budget budget) {
        return new Budget(budget.getTokens(), budget.getCostMicros(), budget.getDepth(), budget.getWidth());
    }

    boolean isExhaustedBy(Spent spent) {
        return tokens > 0 && spent.tokens() >= tokens || costMicros > 0 && spent.costMicros() >= costMicros;
    }

    /** What agents reported. Immutable. */
    record Spent(long tokens, long costMicros) {
        static final Spent NOTHING = new Spent(0, 0);

        Spent plus(Spent more) {
            return new Spent(tokens + more.tokens, costMicros + more.costMicros);
        }
    }
}
