package io.signalbox.bus.redis;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

/**
 * Waits until replicas have what was done. On a connection of its own, for a {@code WAIT} holds up what comes after it, and
 * a replica that lags must hold up nobody else; one for all that was done meanwhile.
 *
 * <p>{@code WAIT} speaks of what its own connection wrote: so that writes something, too, and whoever has that has all
 * that was done before. Its answer counts only when the connection was open since before the command was sent: else the
 * command may have been done by one server and the replicas counted by its successor, which knows nothing of it.
 *
 * <p>Confined to the link's event loop.
 */
final class ReplicaWatch {
    private static final int SMALL = 200;
    private static final long MAX_WAITING_BYTES = 64 << 20;
    private static final String MARK_MILLIS = "1000";
    private static final int UNKNOWN = -1;

    private record Done(PendingCommand command, Response response) {}

    private final HeldConnection held;
    private final Executor afterThisTurn;
    private final String patienceMillis;
    private final List<Done> waiting = new ArrayList<>();
    private long waitingBytes;
    private boolean asking;

    /** @param patience for the replicas */
    ReplicaWatch(HeldConnection held, Executor afterThisTurn, Duration patience) {
        this.held = held;
        this.afterThisTurn = afterThisTurn;
        this.patienceMillis = Long.toString(patience.toMillis());
    }

    boolean hasRoomFor(int bytes) {
        return waitingBytes + bytes <= MAX_WAITING_BYTES;
    }

    /** What a command has to remember that is going to be sent; empty: the replicas of that run of the server cannot be asked. */
    OptionalLong begin(String run) {
        return held.current().isPresent() && held.run().equals(run)
                ? OptionalLong.of(held.generation())
                : OptionalLong.empty();
    }

    /** @param response that the command gets once enough replicas have it */
    void await(PendingCommand command, Response response) {
        if (!isWatching(command)) {
            lost(command);
            return;
        }
        waiting.add(new Done(command, response));
        waitingBytes += command.bytes();
        if (waiting.size() == 1 && !asking) {
            afterThisTurn.execute(this::ask);
        }
    }

    private boolean isWatching(PendingCommand command) {
        return held.current().isPresent() && command.replicaWatch() == held.generation();
    }

    private void ask() {
        List<Done> group = nextGroup();
        if (group.isEmpty()) {
            return;
        }
        RespConnection connection = held.current().orElseThrow();
        PendingCommand first = group.getFirst().command();
        boolean[] marked = new boolean[1];
        asking = true;
        connection.send(
                mark(first),
                SMALL,
                (response, failure) -> marked[0] = failure == null && !RespConnection.isError(response));
        Request wait = Request.cmd(Command.WAIT).arg(first.replicas()).arg(patienceMillis);
        connection.send(wait, SMALL, (response, failure) -> {
            asking = false;
            boolean known = failure == null && marked[0] && !RespConnection.isError(response);
            group.forEach(done -> counted(done, known ? response.toInteger() : UNKNOWN));
            ask();
        });
        connection.flush();
    }

    /** Those that want the fewest replicas, for they will not wait long; what the connection did not see begin is given up. */
    private List<Done> nextGroup() {
        Map<Boolean, List<Done>> watched =
                waiting.stream().collect(Collectors.partitioningBy(done -> isWatching(done.command())));
        waiting.clear();
        watched.get(false).forEach(done -> counted(done, UNKNOWN));
        int fewest = watched.get(true).stream()
                .mapToInt(done -> done.command().replicas())
                .min()
                .orElse(0);
        Map<Boolean, List<Done>> chosen = watched.get(true).stream()
                .collect(Collectors.partitioningBy(done -> done.command().replicas() == fewest));
        waiting.addAll(chosen.get(false));
        return chosen.get(true);
    }

    /** In the slot of the command, for the sake of a cluster. */
    private static Request mark(PendingCommand command) {
        return Request.cmd(Command.SET)
                .arg("replicated:{" + HashSlot.tag(command.key()) + "}")
                .arg("")
                .arg("PX")
                .arg(MARK_MILLIS);
    }

    private void counted(Done done, int count) {
        PendingCommand command = done.command();
        waitingBytes -= command.bytes();
        if (count >= command.replicas()) {
            command.complete(done.response());
        } else if (count == UNKNOWN) {
            lost(command);
        } else {
            command.fail(
                    Reason.UNREPLICATED,
                    count + " of " + command.replicas() + " replicas have it; the others did not say so in time");
        }
    }

    private static void lost(PendingCommand command) {
        command.fail(
                Reason.UNREPLICATED,
                "the connection that waits for replicas was lost: whether they have it is unknown");
    }
}
