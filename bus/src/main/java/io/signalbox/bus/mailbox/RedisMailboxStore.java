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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Mailboxes in Redis, by the functions in {@code mailbox.lua}, which says how they are kept. Each call is one command and
 * takes effect as a whole or not at all. Out of memory, Redis takes no more messages, but still gives them out. Thread-safe.
 */
public final class RedisMailboxStore implements MailboxStore {
    /** What the function answers when a mailbox is full. */
    private static final String FULL = "FULL ";

    /** Lanes of a mailbox in the order in which the functions number them, from 1 on. */
    private static final List<Lane> LANES = List.of(Lane.URGENT, Lane.NORMAL, Lane.BULK);

    /** Lua takes a few thousand arguments. */
    private static final int MAX_POSITIONS = 1000;

    private final RedisLink redis;
    private final int maxMessages;
    private final long maxBytes;

    /**
     * @param redis opened with the {@link #library}
     * @param maxMessages that may wait in one mailbox
     * @param maxBytes that they may have together
     */
    public RedisMailboxStore(RedisLink redis, int maxMessages, long maxBytes) {
        this.redis = redis;
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    /** The functions, for the link. */
    public static String library() {
        try (InputStream in = RedisMailboxStore.class.getResourceAsStream("mailbox.lua")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String lane(MailboxKeys keys, Lane lane) {
        return switch (lane) {
            case URGENT -> keys.urgent();
            case NORMAL -> keys.normal();
            case BULK -> keys.bulk();
            case CONTROL -> throw new IllegalArgumentException("no messages are in lane " + lane);
        };
    }

    @Override
    public Future<Appended> append(Append append) {
        MailboxKeys keys = MailboxKeys.of(append.agent());
        Request call = call("mailbox_append", keys.index(), keys.log(), lane(keys, append.lane()), keys.claims())
                .arg(keys.name())
                .arg(bytes(append.id()))
                .arg(append.message())
                .arg(append.live() ? 1 : 0)
                .arg(append.again() ? 1 : 0)
                .arg(maxMessages)
                .arg(maxBytes);
        return redis.sendReplicated(keys.index(), call, append.replicas())
                .map(RedisMailboxStore::appended)
                .recover(cause -> Future.failedFuture(fullOr(cause)));
    }

    private static Appended appended(Response answer) {
        return new Appended(
                answer.get(0).toLong(),
                answer.get(1).toLong(),
                answer.get(2).toInteger(),
                answer.get(3).toInteger() == 1,
                answer.get(4).toLong());
    }

    private static Throwable fullOr(Throwable cause) {
        return cause instanceof RedisFailure && cause.getMessage().startsWith(FULL)
                ? new MailboxFullException(cause.getMessage().substring(FULL.length()))
                : cause;
    }

    @Override
    public Future<Claimed> claim(String agent, Cursor after, int maxEntries, long maxBytes) {
        MailboxKeys keys = MailboxKeys.of(agent);
        Request call = call(
                        "mailbox_claim",
                        keys.index(),
                        keys.log(),
                        keys.claims(),
                        keys.urgent(),
                        keys.normal(),
                        keys.bulk())
                .arg(after.history())
                .arg(after.urgent())
                .arg(after.normal())
                .arg(after.bulk())
                .arg(Math.clamp(maxEntries, 1, MAX_CLAIMED))
                .arg(maxBytes);
        return redis.send(keys.index(), call)
                .map(answer -> new Claimed(
                        entries(answer),
                        answer.get(0).toInteger() == 1,
                        answer.get(1).toLong(),
                        answer.get(2).toLong()));
    }

    private static List<Entry> entries(Response answer) {
        List<Entry> entries = new ArrayList<>(answer.size() / 4);
        for (int i = 3; i < answer.size(); i += 4) {
            Lane lane = LANES.get(answer.get(i).toInteger() - 1);
            Position position = new Position(lane, answer.get(i + 1).toLong());
            entries.add(new Entry(
                    position, answer.get(i + 3).toBytes(), answer.get(i + 2).toInteger()));
        }
        return entries;
    }

    @Override
    public Future<List<Entry>> claimAgain(String agent, List<Position> positions) {
        MailboxKeys keys = MailboxKeys.of(agent);
        return inParts(
                        positions,
                        part -> redis.send(
                                keys.index(),
                                withPositions(call("mailbox_claim_again", keys.log(), keys.claims()), part)))
                .map(answers -> answers.stream()
                        .flatMap(answer -> entries(answer).stream())
                        .toList());
    }

    @Override
    public Future<Void> delete(String agent, List<Position> positions) {
        MailboxKeys keys = MailboxKeys.of(agent);
        return inParts(positions, part -> redis.send(keys.index(), deletion(keys, part)))
                .mapEmpty();
    }

    private static Request deletion(MailboxKeys keys, List<Position> positions) {
        Request call = call(
                "mailbox_delete", keys.index(), keys.log(), keys.claims(), keys.urgent(), keys.normal(), keys.bulk());
        return withPositions(call.arg(keys.name()), positions);
    }

    private static Request withPositions(Request call, List<Position> positions) {
        for (Position each : positions) {
            call.arg(LANES.indexOf(each.lane()) + 1).arg(each.position());
        }
        return call;
    }

    private static Future<List<Response>> inParts(
            List<Position> positions, Function<List<Position>, Future<Response>> call) {
        List<Future<Response>> answers = new ArrayList<>();
        for (int from = 0; from < positions.size(); from += MAX_POSITIONS) {
            answers.add(call.apply(positions.subList(from, Math.min(from + MAX_POSITIONS, positions.size()))));
        }
        return answers.isEmpty()
                ? Future.succeededFuture(List.of())
                : Future.all(answers).map(all -> all.<Response>list());
    }

    @Override
    public Future<Pending> pending(String agent) {
        MailboxKeys keys = MailboxKeys.of(agent);
        Request call = read("mailbox_pending", keys.log(), keys.urgent(), keys.normal(), keys.bulk());
        return redis.send(keys.index(), call)
                .map(answer -> new Pending(
                        answer.get(0).toInteger(),
                        answer.get(1).toLong(),
                        Instant.EPOCH.plus(answer.get(2).toLong(), ChronoUnit.MICROS)));
    }

    @Override
    public Future<Changed> changedSince(Mark since) {
        List<Long> marks = since.equals(Mark.START)
                ? IntStream.range(0, MailboxKeys.SHARDS).mapToObj(shard -> 0L).toList()
                : since.positions();
        List<Future<Response>> answers = IntStream.range(0, MailboxKeys.SHARDS)
                .mapToObj(shard -> changed(MailboxKeys.index(shard), marks.get(shard)))
                .toList();
        return Future.join(answers)
                .transform(all -> answers.stream().anyMatch(Future::succeeded)
                        ? Future.succeededFuture(merged(marks, answers))
                        : Future.failedFuture(all.cause()));
    }

    private Future<Response> changed(String index, long since) {
        return redis.send(index, read("mailbox_changed", index).arg(since));
    }

    private static Changed merged(List<Long> marks, List<Future<Response>> answers) {
        List<Long> until = new ArrayList<>(marks);
        Map<String, Cursor> newest = new HashMap<>();
        for (int shard = 0; shard < answers.size(); shard++) {
            if (answers.get(shard).succeeded()) {
                Response answer = answers.get(shard).result();
                until.set(shard, answer.get(0).toLong());
                long history = answer.get(1).toLong();
                for (int i = 2; i < answer.size(); i += 4) {
                    newest.put(
                            MailboxKeys.agent(answer.get(i).toString()),
                            new Cursor(
                                    history,
                                    answer.get(i + 1).toLong(),
                                    answer.get(i + 2).toLong(),
                                    answer.get(i + 3).toLong()));
                }
            }
        }
        return new Changed(newest, new Mark(until));
    }

    private static Request call(String function, String... keys) {
        return withKeys(Request.cmd(Command.FCALL), function, keys);
    }

    private static Request read(String function, String... keys) {
        return withKeys(Request.cmd(Command.FCALL_RO), function, keys);
    }

    private static Request withKeys(Request call, String function, String... keys) {
        call.arg(function).arg(keys.length);
        for (String key : keys) {
            call.arg(key);
        }
        return call;
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }
}
