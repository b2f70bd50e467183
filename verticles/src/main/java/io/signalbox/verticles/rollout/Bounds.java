package io.signalbox.verticles.rollout;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;

/**
 * How much worse than the stable version a canary may be before it is rolled back.
 *
 * @param errorRatio how many times the stable version's odds of failing the canary's may be, from 1
 * @param latencyRatio likewise of the odds of taking longer than the stable version's quantile
 * @param latencyQuantile that quantile, between 0 and 1
 * @param alpha the chance, over the whole rollout, that a canary within its bounds is rolled back
 */
public record Bounds(double errorRatio, double latencyRatio, double latencyQuantile, double alpha) {
    static final Bounds DEFAULT = new Bounds(1.5, 2, 0.95, 0.01);

    private static final double MAX_RATIO = 1000;

    public Bounds {
        require(errorRatio >= 1 && errorRatio <= MAX_RATIO, "errorRatio must be 1 to 1000");
        require(latencyRatio >= 1 && latencyRatio <= MAX_RATIO, "latencyRatio must be 1 to 1000");
        require(latencyQuantile >= 0.5 && latencyQuantile <= 0.999, "latencyQuantile must be 0.5 to 0.999");
        require(alpha >= 1e-9 && alpha <= 0.5, "alpha must be 0.000000001 to 0.5");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new ServiceException(Code.INVALID_ARGUMENT, message);
        }
    }
}
