package io.signalbox.bus.retained;

import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.redis.RedisFailure;
import io.signalbox.bus.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Retained messages in Redis, by the functions in {@code retained.lua}, which says how they are kept. Each change is one
 * command and takes effect as a whole or not at all. Thread-safe.
 */
public final class RedisRetainedStore implements RetainedStore {
    /** What the function answers when there is no room. */
    private static final String FULL = "FULL";

    private static final int REVISION_DIGITS = 16;

    /** Addresses of one page, matching or not: a pattern may begin with what thousands begin with and match few. */
    private static final int MAX_SCANNED = 500;

    private final RedisLink redis;
    private final long maxMessages;
    private final long maxBytes;
    private final RetainedBounds bounds;

    /**
     * @param redis opened with the {@link #library}
     * @param maxMessages of the whole cluster
     * @param maxBytes that they and their addresses may have together
     */
    public RedisRetainedStore(RedisLink redis, long maxMessages, long maxBytes) {
        this.redis = redis;
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        this.bounds = new RetainedBounds(maxMessages, maxBytes);
    }

    /** The functions, for the link. */
    public static String library() {
        try (InputStream in = RedisRetainedStore.class.getResourceAsStream("retained.lua")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Future<Long> put(Put put) {
        int bucket = RetainedKeys.bucket(put.address());
        Size allowed = bounds.allowedIn(bucket);
        Request call = call(Command.FCALL, "retained_put", bucket)
                .arg(put.address())
                .arg(put.message())
                .arg(put.timeToLive())
                .arg(allowed.messages())
                .arg(allowed.bytes());
        return changed(bucket, call, put.replicas())
                .recover(cause -> Future.failedFuture(isFull(cause) ? new RetainedFullException(full()) : cause));
    }

    private static boolean isFull(Throwable cause) {
        return cause instanceof RedisFailure && cause.getMessage().startsWith(FULL);
    }

    private String full() {
        Size size = bounds.total();
        return size.messages() + " messages of " + size.bytes() + " bytes are retained, allowed are " + maxMessages
                + " of " + maxBytes;
    }

    @Override
    public Future<Long> remove(String address, int replicas) {
        int bucket = RetainedKeys.bucket(address);
        return changed(bucket, call(Command.FCALL, "retained_remove", bucket).arg(address), replicas);
    }

    private Future<Long> changed(int bucket, Request call, int replicas) {
        return redis.sendReplicated(RetainedKeys.of(bucket).messages(), call, replicas)
                .map(answer -> {
                    bounds.heard(
                            bucket,
                            new Size(answer.get(1).toLong(), answer.get(2).toLong()));
                    return answer.get(0).toLong();
                });
    }

    @Override
    public Future<Optional<Entry>> get(String address) {
        int bucket = RetainedKeys.bucket(address);
        String messages = RetainedKeys.of(bucket).messages();
        return redis.send(messages, Request.cmd(Command.HGET).arg(messages).arg(address))
                .map(answer -> Optional.ofNullable(answer)
                        .map(record -> entry(new Position(bucket, address), record.toBytes())));
    }

    private static Entry entry(Position position, byte[] record) {
        String revision = new String(record, 0, REVISION_DIGITS, StandardCharsets.US_ASCII);
        return new Entry(
                position, Long.parseLong(revision), Arrays.copyOfRange(record, REVISION_DIGITS, record.length));
    }

    @Override
    public Future<Page> page(AddressPattern pattern, Position after, long maxBytes) {
        if (!pattern.hasWildcard()) {
            return get(pattern.text()).map(found -> new Page(found.stream().toList(), Optional.empty()));
        }
        return scan(pattern, after).compose(scanned -> {
            List<String> matching = Stream.concat(parentIn(pattern, after).stream(), scanned.stream())
                    .filter(pattern::matches)
                    .toList();
            Optional<Position> next = scanned.size() == MAX_SCANNED
                    ? Optional.of(new Position(after.bucket(), scanned.getLast()))
                    : nextBucket(after.bucket());
            return matching.isEmpty()
                    ? Future.succeededFuture(new Page(List.of(), next))
                    : fetch(after.bucket(), matching, next, maxBytes);
        });
    }

    private Future<List<String>> scan(AddressPattern pattern, Position after) {
        String addresses = RetainedKeys.of(after.bucket()).addresses();
        String prefix = RetainedAddresses.literalPrefix(pattern);
        boolean begun = !after.address().isEmpty() && after.address().startsWith(prefix);
        byte[] from = begun ? bound('(', after.address(), new byte[0]) : bound('[', prefix, new byte[0]);
        // No text in UTF-8 has this byte.
        byte[] to = bound('(', prefix, new byte[] {(byte) 0xff});
        Request call = Request.cmd(Command.ZRANGE)
                .arg(addresses)
                .arg(from)
                .arg(to)
                .arg("BYLEX")
                .arg("LIMIT")
                .arg(0)
                .arg(MAX_SCANNED);
        return redis.send(addresses, call)
                .map(answer -> answer.stream().map(Response::toString).toList());
    }

    private static byte[] bound(char kind, String text, byte[] end) {
        ByteArrayOutputStream bound = new ByteArrayOutputStream();
        bound.write(kind);
        bound.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        bound.writeBytes(end);
        return bound.toByteArray();
    }

    /** It comes before all that the prefix finds. */
    private static Optional<String> parentIn(AddressPattern pattern, Position after) {
        return RetainedAddresses.parent(pattern)
                .filter(parent -> after.address().isEmpty() && RetainedKeys.bucket(parent) == after.bucket());
    }

    private static Optional<Position> nextBucket(int bucket) {
        return bucket + 1 < RetainedKeys.BUCKETS ? Optional.of(new Position(bucket + 1, "")) : Optional.empty();
    }

    /** @param next where to go on when the page has all of these */
    private Future<Page> fetch(int bucket, List<String> addresses, Optional<Position> next, long maxBytes) {
        String messages = RetainedKeys.of(bucket).messages();
        Request call = Request.cmd(Command.FCALL_RO)
                .arg("retained_fetch")
                .arg(1)
                .arg(messages)
                .arg(maxBytes);
        addresses.forEach(call::arg);
        return redis.send(messages, call).map(answer -> {
            List<Entry> entries = new ArrayList<>(answer.size() / 2);
            for (int i = 1; i < answer.size(); i += 2) {
                Position position = new Position(bucket, answer.get(i).toString());
                entries.add(entry(position, answer.get(i + 1).toBytes()));
            }
            int looked = answer.get(0).toInteger();
            return new Page(
                    entries,
                    looked < addresses.size() ? Optional.of(new Position(bucket, addresses.get(looked - 1))) : next);
        });
    }

    @Override
    public Future<Size> purge() {
        return Future.all(IntStream.range(0, RetainedKeys.BUCKETS)
                        .mapToObj(this::purge)
                        .toList())
                .map(all -> bounds.total());
    }

    private Future<Void> purge(int bucket) {
        return redis.send(RetainedKeys.of(bucket).messages(), call(Command.FCALL, "retained_purge", bucket))
                .map(answer -> {
                    bounds.heard(
                            bucket,
                            new Size(answer.get(0).toLong(), answer.get(1).toLong()));
                    return null;
                });
    }

    private static Request call(Command command, String function, int bucket) {
        RetainedKeys keys = RetainedKeys.of(bucket);
        return Request.cmd(command)
                .arg(function)
                .arg(4)
                .arg(keys.messages())
                .arg(keys.addresses())
                .arg(keys.expiries())
                .arg(keys.state());
    }
}
