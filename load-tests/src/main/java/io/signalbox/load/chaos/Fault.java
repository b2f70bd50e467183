package io.signalbox.load.chaos;

import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** What is done to a node and its stores. */
enum Fault {
    /** kill -9 of the node; it is started again. */
    KILL_NODE,
    /** kill -9 of Redis; the node starts it again. */
    KILL_REDIS,
    /** kill -9 of PostgreSQL; the node starts it again. */
    KILL_POSTGRES,
    /** kill -9 of the node and of both stores. */
    KILL_ALL,
    /** The node hangs for some seconds. */
    STOP_NODE,
    /** Redis hangs for some seconds. */
    STOP_REDIS;

    boolean isKill() {
        return this != STOP_NODE && this != STOP_REDIS;
    }

    /** The faults of a scenario, of which each next one is drawn. */
    enum Scenario {
        KILL_NODE(Fault.KILL_NODE),
        KILL_REDIS(Fault.KILL_REDIS),
        KILL_POSTGRES(Fault.KILL_POSTGRES),
        KILL_ALL(Fault.KILL_ALL),
        STOP_NODE(Fault.STOP_NODE),
        STOP_REDIS(Fault.STOP_REDIS),
        KILLS(Fault.KILL_NODE, Fault.KILL_REDIS, Fault.KILL_REDIS, Fault.KILL_POSTGRES, Fault.KILL_ALL),
        MIXED(Fault.values());

        private final List<Fault> faults;

        Scenario(Fault... faults) {
            this.faults = List.of(faults);
        }

        Fault next(RandomGenerator random) {
            return faults.get(random.nextInt(faults.size()));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
