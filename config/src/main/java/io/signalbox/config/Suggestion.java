package io.signalbox.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Guesses what somebody meant who mistyped a name. */
final class Suggestion {
    private Suggestion() {}

    /** {@code "; did you mean x?"}, or nothing when none is near. */
    static String didYouMean(String written, Collection<String> known) {
        String plain = plain(written);
        int furthest = Math.max(2, plain.length() / 4);
        return known.stream()
                .filter(name -> distance(plain, plain(name)) <= furthest)
                .min(Comparator.comparingInt(name -> distance(plain, plain(name))))
                .map(name -> "; did you mean " + name + "?")
                .orElse("");
    }

    /** {@code maxFrame}, {@code max_frame} and {@code max-frame} are the same name to a person. */
    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[-_]", "");
    }

    /** How many characters must be added, removed, replaced or swapped with their neighbour. */
    private static int distance(String a, String b) {
        int[][] distance = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                distance[i][j] = i == 0 || j == 0 ? i + j : step(a, b, i, j, distance);
            }
        }
        return distance[a.length()][b.length()];
    }

    private static int step(String a, String b, int i, int j, int[][] distance) {
        int replaced = distance[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, Math.min(distance[i - 1][j], distance[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, distance[i - 2][j - 2] + 1) : best;
    }
}
