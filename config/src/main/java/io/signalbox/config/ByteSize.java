package io.signalbox.config;

/** A number of bytes; written {@code 512}, {@code 256KiB}, {@code 1MiB}, {@code 2GiB}. */
public record ByteSize(long bytes) {
    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("negative size");
        }
    }

    public int toInt() {
        return Math.toIntExact(bytes);
    }
}
