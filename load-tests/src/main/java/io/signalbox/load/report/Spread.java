package io.signalbox.load.report;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** A figure over repetitions; of an even number the median is between the middle two. All 0 when there are none. */
public record Spread(double median, double least, double most) {
    public static <T> Spread of(List<T> runs, ToDoubleFunction<T> figure) {
        double[] sorted = runs.stream().mapToDouble(figure).sorted().toArray();
        if (sorted.length == 0) {
            return new Spread(0, 0, 0);
        }
        double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }
}
