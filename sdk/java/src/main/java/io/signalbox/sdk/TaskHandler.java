package io.signalbox.sdk;

/** Does tasks of one skill. */
@FunctionalInterface
public interface TaskHandler {
    /**
     * Called on a virtual thread of its own, so it may block; as many at once as the agent has slots. The thread is
     * interrupted when the assignment is cancelled.
     *
     * @return the output
     * @throws TaskFailedException to fail with a reason and say whether another attempt makes sense
     * @throws TaskDeclinedException to give the task back without counting an attempt
     * @throws Exception anything else fails the attempt; another one follows as long as there are some left
     */
    Payload handle(Assignment assignment) throws Exception;
}
