package io.signalbox.gateway.agent;

import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does things after what the event loop is doing now, with one wake-up for all of them. Confined to its event loop. */
final class TurnTasks implements Executor {
    private static final Logger log = LoggerFactory.getLogger(TurnTasks.class);

    private final Context context;
    private List<Runnable> tasks = new ArrayList<>();

    TurnTasks(Context context) {
        this.context = context;
    }

    @Override
    public void execute(Runnable task) {
        if (tasks.isEmpty()) {
            context.runOnContext(ignored -> run());
        }
        tasks.add(task);
    }

    private void run() {
        // What they add comes in the next turn.
        List<Runnable> due = tasks;
        tasks = new ArrayList<>(due.size());
        for (Runnable task : due) {
            try {
                task.run();
            } catch (RuntimeException e) {
                log.error("A task of this turn failed", e);
            }
        }
    }
}
