package io.signalbox.codecs;

import java.util.ArrayList;
import java.util.List;

/**
 * Names of eight letters that Jackson's table for names in UTF-8 gives one hash, whatever its seed: it mixes the first four
 * and adds 33 times the last four, so the last four follow from the first.
 */
final class CollidingNames {
    private static final String LETTERS =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&()*+-./:;<=>?@[]^_`{|}~";
    private static final int INVERSE_OF_33 = 0x3e0f83e1;

    private CollidingNames() {}

    static List<String> take(int count) {
        List<String> names = new ArrayList<>();
        int letters = LETTERS.length();
        for (int i = 0; names.size() < count; i++) {
            int first = letter(i) << 24 | letter(i / letters) << 16 | letter(i / letters / letters) << 8 | 'a';
            String name = text(first) + text((0x12345678 - mixed(first)) * INVERSE_OF_33);
            if (name.chars().allMatch(letter -> LETTERS.indexOf(letter) >= 0)) {
                names.add(name);
            }
        }
        return names;
    }

    private static int letter(int i) {
        return LETTERS.charAt(i % LETTERS.length());
    }

    private static int mixed(int first) {
        int hash = first + (first >>> 15);
        return hash ^ hash >>> 9;
    }

    private static String text(int four) {
        return "" + (char) (four >>> 24) + (char) (four >>> 16 & 0xff) + (char) (four >>> 8 & 0xff)
                + (char) (four & 0xff);
    }
}
