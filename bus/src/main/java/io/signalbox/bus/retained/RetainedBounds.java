package io.signalbox.bus.retained;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one bucket may have, for the bounds are of all buckets together and a change sees its own alone. The others count with
 * what was last heard of them, so with several nodes at it at once a bound may be passed by what they put between two looks.
 * Thread-safe.
 */
final class RetainedBounds {
    private final long maxMessages;
    private final long maxBytes;
    private final AtomicLongArray messages = new AtomicLongArray(RetainedKeys.BUCKETS);
    private final AtomicLongArray bytes = new AtomicLongArray(RetainedKeys.BUCKETS);

    RetainedBounds(long maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    void heard(int bucket, RetainedStore.Size size) {
        messages.set(bucket, size.messages());
        bytes.set(bucket, size.bytes());
    }

    /** All that was heard of. */
    RetainedStore.Size total() {
        return new RetainedStore.Size(sum(messages), sum(bytes));
    }

    /** What may be in the bucket, given what is in the others. */
    RetainedStore.Size allowedIn(int bucket) {
        RetainedStore.Size all = total();
        return new RetainedStore.Size(
                Math.max(0, maxMessages - all.messages() + messages.get(bucket)),
                Math.max(0, maxBytes - all.bytes() + bytes.get(bucket)));
    }

    private static long sum(AtomicLongArray values) {
        long sum = 0;
        for (int i = 0; i < values.length(); i++) {
            sum += values.get(i);
        }
        return sum;
    }
}
