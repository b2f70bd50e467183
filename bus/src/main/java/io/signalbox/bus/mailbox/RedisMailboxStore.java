package io.signalbox.bus.mailbox;

import io.signalbox.bus.outbound.Lane;
import io.signalbox.bus.redis.RedisFailure;
import io.signalbox.bus.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Mailboxes in Redis, by the functions of {@code mailbox.lua}, whose head says how they are kept. Each call is one function,
 * done as a whole or not at all. Thread-safe.
 */
public final class RedisMailboxStore implements MailboxStore {
    /** Each is in one slot of a Redis Cluster, with its index. Enough to spread over primaries, few enough to ask all of them. */
    private static final int SHARDS = 64;

    /** More would not fit on the stack of Lua's {@code unpack}. */
    private static final int MAX_POSITIONS = 1000;

    private static final Lane[] LANES = Lane.values();

    private final RedisLink redis;
    private final String maxMessages;
    private final String maxBytes;

    /**
     * @param redis with the {@link #library}; stays open
     * @param maxMessages of one mailbox
     * @param maxBytes of one mailbox
     */
    public RedisMailboxStore(RedisLink redis, int maxMessages, long maxBytes) {
        this.redis = redis;
        this.maxMessages = Integer.toString(maxMessages);
        this.maxBytes = Long.toString(maxBytes);
    }

    /** What Redis has to know. */
    public static String library() {
        try (InputStream lua = RedisMailboxStore.class.getResourceAsStream("mailbox.lua")) {
            return new String(lua.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The keys of one agent's mailbox. */
    private record Keys(String agent, String shard) {
        static Keys of(String agent) {
            return new Keys(escaped(agent), RedisMailboxStore.shard(Math.floorMod(agent.hashCode(), SHARDS)));
        }

        String index() {
            return shard + "index";
        }

        String log() {
            return shard + agent + ":log";
        }

        String claims() {
            return shard + agent + ":claims";
        }

        String lane(Lane lane) {
            return shard
                    + agent
                    + switch (lane) {
                        case URGENT -> ":urgent";
                        case NORMAL -> ":normal";
                        case BULK -> ":bulk";
                        case CONTROL -> throw new IllegalArgumentException("no messages are in lane " + lane);
                    };
        }
    }

    private static String shard(int number) {
        return "{mb" + number + "}:";
    }

    /** The agent's id is a user's text. */
    private static String escaped(String agent) {
        boolean plain =
                agent.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "-._@".indexOf(c) >= 0));
        return plain ? agent : "%" + HexFormat.of().formatHex(agent.getBytes(StandardCharsets.UTF_8));
    }

    private static String unescaped(String agent) {
        return agent.startsWith("%")
                ? new String(HexFormat.of().parseHex(agent.substring(1)), StandardCharsets.UTF_8)
                : agent;
    }

    @Override
    public Future<Appended> append(Append append) {
        Keys keys = Keys.of(append.agent());
        Request call = function("mailbox_append", keys.index(), keys.log(), keys.lane(append.lane()), keys.claims())
                .arg(keys.agent())
                .arg(append.id().toString())
                .arg(append.message())
                .arg(append.live() ? "1" : "0")
                .arg(append.again() ? "1" : "0")
                .arg(maxMessages)
                .arg(maxBytes);
        return redis.sendReplicated(keys.index(), call, append.replicas())
                .map(answer -> new Appended(
                        answer.get(0).toLong(),
                        answer.get(1).toLong(),
                        answer.get(2).toInteger(),
                        answer.get(3).toInteger() == 1))
                .recover(RedisMailboxStore::full);
    }

    private static Future<Appended> full(Throwable cause) {
        boolean full = cause instanceof RedisFailure failure
                && failure.reason() == RedisFailure.Reason.REFUSED
                && failure.getMessage().startsWith("FULL ");
        return Future.failedFuture(
                full ? new MailboxFullException(cause.getMessage().substring(5)) : cause);
    }

    @Override
    public Future<Claimed> claim(String agent, Cursor after, int maxEntries, long maxBytes) {
        Keys keys = Keys.of(agent);
        Request call = function(
                        "mailbox_claim",
                        keys.log(),
                        keys.claims(),
                        keys.lane(Lane.URGENT),
                        keys.lane(Lane.NORMAL),
                        keys.lane(Lane.BULK))
                .arg(after.urgent())
                .arg(after.normal())
                .arg(after.bulk())
                .arg(Math.min(maxEntries, MAX_POSITIONS))
                .arg(maxBytes);
        return redis.send(keys.log(), call)
                .map(answer -> new Claimed(entries(answer), answer.get(0).toInteger() == 1));
    }

    @Override
    public Future<List<Entry>> claimAgain(String agent, List<Position> positions) {
        Keys keys = Keys.of(agent);
        List<Future<Response>> parts = parts(positions).stream()
                .map(part -> redis.send(
                        keys.log(), positioned(function("mailbox_claim_again", keys.log(), keys.claims()), part)))
                .toList();
        return Future.all(parts)
                .map(done -> parts.stream()
                        .flatMap(part -> entries(part.result()).stream())
                        .toList());
    }

    @Override
    public Future<Void> delete(String agent, List<Position> positions) {
        Keys keys = Keys.of(agent);
        List<Future<Response>> parts = parts(positions).stream()
                .map(part -> redis.send(
                        keys.index(),
                        positioned(
                                function(
                                                "mailbox_delete",
                                                keys.index(),
                                                keys.log(),
                                                keys.claims(),
                                                keys.lane(Lane.URGENT),
                                                keys.lane(Lane.NORMAL),
                                                keys.lane(Lane.BULK))
                                        .arg(keys.agent()),
                                part)))
                .toList();
        return Future.all(parts).mapEmpty();
    }

    private static List<List<Position>> parts(List<Position> positions) {
        return IntStream.iterate(0, from -> from < positions.size(), from -> from + MAX_POSITIONS)
                .mapToObj(from -> positions.subList(from, Math.min(from + MAX_POSITIONS, positions.size())))
                .toList();
    }

    private static Request positioned(Request call, List<Position> positions) {
        positions.forEach(position -> call.arg(position.lane().ordinal()).arg(Long.toString(position.position())));
        return call;
    }

    private static Request function(String name, String... keys) {
        Request call = Request.cmd(Command.FCALL).arg(name).arg(keys.length);
        for (String key : keys) {
            call.arg(key);
        }
        return call;
    }

    /** The first element is the answer's own. */
    private static List<Entry> entries(Response answer) {
        List<Entry> entries = new ArrayList<>(answer.size() / 4);
        for (int i = 1; i < answer.size(); i += 4) {
            entries.add(new Entry(
                    new Position(
                            LANES[answer.get(i).toInteger()], answer.get(i + 1).toLong()),
                    answer.get(i + 3).toBytes(),
                    answer.get(i + 2).toInteger()));
        }
        return entries;
    }

    @Override
    public Future<Pending> pending(String agent) {
        Keys keys = Keys.of(agent);
        Request call = function(
                "mailbox_pending", keys.log(), keys.lane(Lane.URGENT), keys.lane(Lane.NORMAL), keys.lane(Lane.BULK));
        return redis.send(keys.log(), call)
                .map(answer -> new Pending(
                        answer.get(0).toInteger(),
                        answer.get(1).toLong(),
                        Instant.EPOCH.plus(answer.get(2).toLong(), ChronoUnit.MICROS)));
    }

    @Override
    public Future<Changed> changedSince(Since since) {
        List<Future<Response>> shards = IntStream.range(0, SHARDS)
                .mapToObj(shard -> redis.send(
                        shard(shard) + "index",
                        function("mailbox_changed", shard(shard) + "index").arg(Long.toString(since.of(shard)))))
                .toList();
        return Future.join(shards)
                .otherwiseEmpty()
                .compose(done -> shards.stream().anyMatch(Future::succeeded)
                        ? Future.succeededFuture(changed(since, shards))
                        : Future.failedFuture(shards.getFirst().cause()));
    }

    /** Shards that did not answer are asked for the same again the next time. */
    private static Changed changed(Since since, List<Future<Response>> shards) {
        Map<String, Cursor> newest = new HashMap<>();
        List<Long> until = new ArrayList<>(SHARDS);
        for (int shard = 0; shard < SHARDS; shard++) {
            if (shards.get(shard).failed()) {
                until.add(since.of(shard));
                continue;
            }
            Response answer = shards.get(shard).result();
            until.add(answer.get(0).toLong());
            for (int i = 1; i < answer.size(); i += 4) {
                newest.put(
                        unescaped(answer.get(i).toString()),
                        new Cursor(
                                answer.get(i + 1).toLong(),
                                answer.get(i + 2).toLong(),
                                answer.get(i + 3).toLong()));
            }
        }
        return new Changed(newest, new Since(until));
    }
}
