package io.signalbox.bus;

import java.util.Arrays;

/**
 * The plain subscribers of one pattern, or the members of one queue group, in chunks: who comes or goes costs the copy of a
 * chunk and of the list of chunks, not of all. Immutable, so that a publisher reads it without a lock.
 */
final class Subscribers {
    static final Subscribers NONE = new Subscribers(new Subscriber[0][]);

    /** About the square root of the most that one pattern has, so that both copies are small. */
    static final int CHUNK = 256;

    /** All are full but the last, and none is empty. */
    private final Subscriber[][] chunks;

    private Subscribers(Subscriber[][] chunks) {
        this.chunks = chunks;
    }

    int size() {
        return chunks.length == 0 ? 0 : (chunks.length - 1) * CHUNK + chunks[chunks.length - 1].length;
    }

    boolean isEmpty() {
        return chunks.length == 0;
    }

    Subscriber get(int index) {
        return chunks[index / CHUNK][index % CHUNK];
    }

    Subscribers with(Subscriber subscriber) {
        int size = size();
        int at = size / CHUNK;
        Subscriber[][] grown = Arrays.copyOf(chunks, at + 1);
        grown[at] = size % CHUNK == 0 ? new Subscriber[1] : Arrays.copyOf(chunks[at], size % CHUNK + 1);
        grown[at][size % CHUNK] = subscriber;
        return new Subscribers(grown);
    }

    /** Removes one occurrence; the last takes its place. */
    Subscribers without(Subscriber subscriber) {
        int index = indexOf(subscriber);
        if (index < 0) {
            return this;
        }
        int last = size() - 1;
        Subscriber[][] shrunk = Arrays.copyOf(chunks, Math.ceilDiv(last, CHUNK));
        if (last % CHUNK > 0) {
            shrunk[last / CHUNK] = Arrays.copyOf(chunks[last / CHUNK], last % CHUNK);
        }
        if (index < last) {
            Subscriber[] filled = shrunk[index / CHUNK].clone();
            filled[index % CHUNK] = get(last);
            shrunk[index / CHUNK] = filled;
        }
        return new Subscribers(shrunk);
    }

    private int indexOf(Subscriber subscriber) {
        for (int chunk = 0; chunk < chunks.length; chunk++) {
            for (int i = 0; i < chunks[chunk].length; i++) {
                if (chunks[chunk][i] == subscriber) {
                    return chunk * CHUNK + i;
                }
            }
        }
        return -1;
    }
}
