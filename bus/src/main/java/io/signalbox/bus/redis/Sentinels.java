package io.signalbox.bus.redis;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.signalbox.config.RedisConfig;
import io.signalbox.config.Secret;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Asks all sentinels again and again: a notification could be lost, and must be asked after anyway when connecting. */
final class Sentinels implements PrimaryLocator {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final LinkMeans means;
    private final List<ServerAddress> addresses;
    private final String master;
    private final Secret password;
    private final SentinelPoll poll;
    private Runnable moved = () -> {};
    private String trouble = "no sentinel has answered yet";
    private boolean closed;

    Sentinels(LinkMeans means, RedisConfig config) {
        this.means = means;
        this.addresses = config.url().stream().map(ServerAddress::of).toList();
        this.master = config.sentinelMaster();
        this.password = config.sentinelPassword();
        this.poll = new SentinelPoll(addresses.size());
    }

    @Override
    public Future<Void> start(Runnable listener) {
        moved = listener;
        return askAll();
    }

    /** Completes with the first that names the primary, or when none does. */
    private Future<Void> askAll() {
        List<Future<Void>> answers = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            answers.add(ask(i));
        }
        Future.join(answers)
                .onComplete(all -> means.after(INTERVAL, () -> {
                    if (!closed) {
                        askAll();
                    }
                }));
        return Future.any(answers).<Void>mapEmpty().otherwiseEmpty();
    }

    private Future<Void> ask(int sentinel) {
        ServerAddress address = addresses.get(sentinel);
        // In this order: a takeover between the two gives the new address with the old epoch, which does no harm.
        List<Request> questions = List.of(
                Request.cmd(Command.SENTINEL).arg("MASTERS"),
                Request.cmd(Command.SENTINEL).arg("GET-MASTER-ADDR-BY-NAME").arg(master));
        return Inquiry.ask(means, address, password, questions)
                .compose(answers -> address(answers.getLast())
                        .map(primary -> poll.names(sentinel, primary, epoch(answers.getFirst()))))
                .<Void>map(other -> {
                    if (other && !closed) {
                        moved.run();
                    }
                    return null;
                })
                .onFailure(cause -> trouble = "sentinel " + address + ": " + cause.getMessage());
    }

    private long epoch(Response masters) {
        return masters.stream()
                .map(Sentinels::facts)
                .filter(facts -> master.equals(facts.get("name")))
                .findFirst()
                .map(facts -> Long.parseLong(facts.get("config-epoch")))
                .orElse(0L);
    }

    /** Names and values in turns. */
    private static Map<String, String> facts(Response list) {
        Map<String, String> facts = new HashMap<>();
        for (int i = 0; i + 1 < list.size(); i += 2) {
            facts.put(list.get(i).toString(), list.get(i + 1).toString());
        }
        return facts;
    }

    private Future<ServerAddress> address(Response answer) {
        return answer == null
                ? Future.failedFuture(new RedisFailure(Reason.REFUSED, "it knows no primary named " + master))
                : Future.succeededFuture(new ServerAddress(
                        answer.get(0).toString(), answer.get(1).toInteger()));
    }

    @Override
    public Future<ServerAddress> locate() {
        return poll.primary().map(Future::succeededFuture).orElseGet(() -> Future.failedFuture(trouble));
    }

    @Override
    public void close() {
        closed = true;
    }
}
