package io.signalbox.bus.redis;

import java.nio.charset.StandardCharsets;

/** Which of a cluster's slots a key is in. */
final class HashSlot {
    static final int COUNT = 16_384;

    private static final int POLYNOMIAL = 0x1021;
    private static final int[] TABLE = table();

    private HashSlot() {}

    /** By the {@code {tag}} of the key, or by all of it when it has none. */
    static int of(String key) {
        return crc16(tag(key).getBytes(StandardCharsets.UTF_8)) % COUNT;
    }

    /** What is between the first brace and the first closing one after it, unless that is nothing. */
    static String tag(String key) {
        int open = key.indexOf('{');
        int close = key.indexOf('}', open + 1);
        return open >= 0 && close > open + 1 ? key.substring(open + 1, close) : key;
    }

    private static int crc16(byte[] bytes) {
        int crc = 0;
        for (byte each : bytes) {
            crc = ((crc << 8) ^ TABLE[(crc >>> 8 ^ each) & 0xff]) & 0xffff;
        }
        return crc;
    }

    private static int[] table() {
        int[] table = new int[256];
        for (int i = 0; i < table.length; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ POLYNOMIAL : crc << 1;
            }
            table[i] = crc & 0xffff;
        }
        return table;
    }
}
