package io.signalbox.verticles.registry;

import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MeaningReaderTest {
    /** Likeness of letters stands for likeness of meaning. */
    private static final class FakeEmbedder implements SentenceEmbedder {
        final List<List<String>> read = new ArrayList<>();
        Future<Void> gate = Future.succeededFuture();

        @Override
        public Future<List<float[]>> embed(List<String> texts) {
            read.add(texts);
            return gate.map(open -> texts.stream().map(FakeEmbedder::letters).toList());
        }

        private static float[] letters(String text) {
            float[] counts = new float[26];
            text.toLowerCase().chars().filter(c -> c >= 'a' && c <= 'z').forEach(c -> counts[c - 'a']++);
            return counts;
        }

        @Override
        public Future<Void> close() {
            return Future.succeededFuture();
        }
    }

    private final FakeEmbedder model = new FakeEmbedder();
    private final MeaningReader reader = new MeaningReader(Optional.of(model));

    private void publish(String version, String description) {
        String document = """
                {"name": "a", "version": "%s", "description": "%s", "skills": [{"name": "a"}]}
                """.formatted(version, description);
        reader.published(new DefinitionParser().parse(document.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void shouldScoreWhatMeansTheSameHighest() {
        publish("1.0.0", "zebra");
        publish("2.0.0", "mill");

        Map<String, Integer> scores = get(reader.scores("a. zebra"));

        assertThat(scores.get("a@1.0.0")).isEqualTo(10_000);
        assertThat(scores.get("a@2.0.0")).isBetween(0, 5_000);
    }

    @Test
    void shouldReadWhatVersionsSayAlikeOnce() {
        publish("1.0.0", "zebra");
        publish("2.0.0", "zebra");

        assertThat(model.read).hasSize(1);
        assertThat(get(reader.scores("x"))).containsOnlyKeys("a@1.0.0", "a@2.0.0");
    }

    /** The model works on one thing at a time; what comes meanwhile is read together. */
    @Test
    void shouldReadInBatchesWhatCameWhileTheModelWasBusy() {
        Promise<Void> gate = Promise.promise();
        model.gate = gate.future();
        for (int i = 0; i < 20; i++) {
            publish("1.0." + i, "text " + "i".repeat(i));
        }
        assertThat(model.read).hasSize(1);

        gate.complete();

        assertThat(model.read).extracting(List::size).containsExactly(1, 16, 3);
        assertThat(get(reader.scores("x"))).hasSize(20);
    }

    @Test
    void shouldReadAgainWithTheNextDefinitionWhatCouldNotBeRead() {
        model.gate = Future.failedFuture("no memory");
        publish("1.0.0", "zebra");
        model.gate = Future.succeededFuture();
        publish("2.0.0", "mill");

        assertThat(get(reader.scores("x"))).containsOnlyKeys("a@1.0.0", "a@2.0.0");
    }

    @Test
    void shouldSayThatItDoesNotSearchByMeaning() {
        MeaningReader without = new MeaningReader(Optional.empty());

        assertThatThrownBy(() -> without.scores("x"))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.UNSUPPORTED));
        assertThatThrownBy(() -> reader.scores("x".repeat(501))).isInstanceOf(ServiceException.class);
    }
}
