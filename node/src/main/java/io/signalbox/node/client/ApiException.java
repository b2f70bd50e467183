package io.signalbox.node.client;

import java.util.Optional;

/** A request to a node did not succeed. The message is for the person who asked. */
public final class ApiException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Optional<Problem> problem;

    ApiException(Problem problem) {
        super(problem.toString());
        this.problem = Optional.of(problem);
    }

    ApiException(String message, Throwable cause) {
        super(message, cause);
        this.problem = Optional.empty();
    }

    /** What the node answered; empty when no answer came, or none that can be understood. */
    public Optional<Problem> problem() {
        return problem;
    }
}
