package io.signalbox.load.run;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** What is done with peers once all their load is connected. */
interface Course {
    /** Leaves what it finds in the contestants. */
    void run(List<Contestant> contestants) throws IOException, InterruptedException;

    /** @param say gets lines to keep */
    static Course of(Scenario scenario, Consumer<String> say) {
        Turns turns = new Turns(say);
        return switch (scenario.kind()) {
            case TRAFFIC -> new TrafficCourse(scenario, turns);
            case STORM -> new StormCourse(scenario, say);
            case IDLE -> new IdleCourse(scenario, say);
            case RECONNECT -> new ReconnectCourse(scenario, turns, say);
            case SLOW_READERS -> new SlowReadersCourse(scenario, turns, say);
            case CAPACITY -> new CapacityCourse(scenario, turns, say);
        };
    }
}
