package io.signalbox.verticles.registry;

import io.signalbox.verticles.registry.Definition.DeclaredSkill;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * How near definitions are to what somebody means. Versions that say the same share a vector. Single writer, not thread-safe;
 * makes no vectors itself.
 */
final class MeaningIndex {
    /** A model reads the beginning of a text alone. */
    private static final int MAX_TEXT = 1000;

    private final Map<String, String> textByReference = new HashMap<>();
    private final Map<String, float[]> vectorByText = new HashMap<>();
    private final Set<String> unread = new LinkedHashSet<>();

    void add(Definition definition) {
        String text = text(definition);
        textByReference.put(definition.reference(), text);
        if (!vectorByText.containsKey(text)) {
            unread.add(text);
        }
    }

    /** What it is for, in words. */
    private static String text(Definition definition) {
        StringJoiner text = new StringJoiner(" ")
                .add(definition.name().replaceAll("[.-]", " ") + ".")
                .add(definition.description());
        definition.skills().stream().map(DeclaredSkill::description).forEach(text::add);
        return text.length() > MAX_TEXT ? text.toString().substring(0, MAX_TEXT) : text.toString();
    }

    /** Texts that need a vector. */
    List<String> unread(int limit) {
        return unread.stream().limit(limit).toList();
    }

    /** @param vectors one for each of the texts */
    void read(List<String> texts, List<float[]> vectors) {
        for (int i = 0; i < texts.size(); i++) {
            unread.remove(texts.get(i));
            vectorByText.put(texts.get(i), normal(vectors.get(i)));
        }
    }

    private static float[] normal(float[] vector) {
        double length = Math.sqrt(product(vector, vector));
        float[] normal = new float[vector.length];
        for (int i = 0; i < vector.length; i++) {
            normal[i] = length == 0 ? 0 : (float) (vector[i] / length);
        }
        return normal;
    }

    private static double product(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (double) one[i] * other[i];
        }
        return sum;
    }

    /**
     * By {@code name@version}, in ten thousandths of the cosine: 10,000 is the same. Rounded, so that nodes whose processors round
     * differently have one order. What has no vector yet is not there.
     */
    Map<String, Integer> scores(float[] question) {
        float[] normal = normal(question);
        Map<String, Integer> byText = new HashMap<>();
        vectorByText.forEach((text, vector) -> byText.put(text, (int) Math.round(10_000 * product(normal, vector))));
        Map<String, Integer> scores = new HashMap<>();
        textByReference.forEach((reference, text) -> {
            if (byText.containsKey(text)) {
                scores.put(reference, byText.get(text));
            }
        });
        return scores;
    }
}
