package io.signalbox.load.run;

import java.io.IOException;
import java.util.List;

/** The same traffic for all: peers take turns, so that what else happens on the machine hits them alike. */
record TrafficCourse(Scenario scenario, Turns turns) implements Course {
    @Override
    public void run(List<Contestant> contestants) throws IOException, InterruptedException {
        for (int rate : scenario.rates()) {
            for (int repetition = 0; repetition < scenario.repetitions(); repetition++) {
                for (Contestant each : contestants) {
                    each.add(turns.run(each, scenario, rate));
                }
            }
        }
    }
}
