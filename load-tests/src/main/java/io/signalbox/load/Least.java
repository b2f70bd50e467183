package io.signalbox.load;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Refuses numbers that a run makes no sense with. */
public record Least(CommandSpec spec, int lowest) {
    public Least check(String option, int value) {
        if (value < lowest) {
            throw new ParameterException(
                    spec.commandLine(), option + " " + value + ": expected a number from " + lowest + " on");
        }
        return this;
    }
}
