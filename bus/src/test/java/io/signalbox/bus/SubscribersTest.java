package io.signalbox.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.EncodedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a list that holds the same. */
class SubscribersTest {
    /** Told apart by identity, as subscribers are. */
    private static final class Each implements Subscriber {
        @Override
        public OfferResult offer(EncodedMessage message) {
            return OfferResult.ACCEPTED;
        }
    }

    static List<Subscriber> all(Subscribers subscribers) {
        return IntStream.range(0, subscribers.size()).mapToObj(subscribers::get).toList();
    }

    private static Map<Subscriber, Long> counted(List<Subscriber> subscribers) {
        return subscribers.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    private static Subscribers of(List<Subscriber> each) {
        Subscribers subscribers = Subscribers.NONE;
        for (Subscriber subscriber : each) {
            subscribers = subscribers.with(subscriber);
        }
        return subscribers;
    }

    private static List<Subscriber> some(int count) {
        return IntStream.range(0, count).<Subscriber>mapToObj(i -> new Each()).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 255, 256, 257, 511, 512, 513})
    void shouldLoseWhoeverLeavesAndNobodyElseAtTheEdgesOfChunks(int count) {
        List<Subscriber> there = some(count);
        Subscribers subscribers = of(there);
        assertThat(all(subscribers)).isEqualTo(there);

        for (int leaving : List.of(0, count / 2, Math.min(count - 1, 255), Math.max(0, count - 2), count - 1)) {
            List<Subscriber> left = new ArrayList<>(there);
            Subscriber gone = left.remove(leaving);
            assertThat(all(subscribers.without(gone))).containsExactlyInAnyOrderElementsOf(left);
        }
        assertThat(all(subscribers)).as("readers keep what they had").isEqualTo(there);
    }

    @Test
    void shouldHoldWhatAListHolds() {
        for (long seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            List<Subscriber> known = some(400);
            List<Subscriber> model = new ArrayList<>();
            Subscribers subscribers = Subscribers.NONE;
            for (int step = 0; step < 1_500; step++) {
                Subscriber subscriber = known.get(random.nextInt(known.size()));
                // Grows over two chunks, shrinks to nothing, and grows again.
                if (random.nextInt(10) < (step / 500 == 1 ? 1 : 9)) {
                    model.add(subscriber);
                    subscribers = subscribers.with(subscriber);
                } else {
                    model.remove(subscriber);
                    subscribers = subscribers.without(subscriber);
                }
                assertThat(subscribers.size())
                        .as("seed %d, step %d", seed, step)
                        .isEqualTo(model.size());
                if (step % 10 == 0) {
                    assertThat(counted(all(subscribers)))
                            .as("seed %d, step %d", seed, step)
                            .isEqualTo(counted(model));
                }
            }
        }
    }

    @Test
    void shouldBeEmptyAgainWhenAllHaveLeft() {
        List<Subscriber> there = some(600);
        Subscribers subscribers = of(there);

        for (Subscriber leaving : there) {
            assertThat(subscribers.isEmpty()).isFalse();
            subscribers = subscribers.without(leaving);
        }

        assertThat(subscribers.isEmpty()).isTrue();
        assertThat(subscribers.size()).isZero();
    }

    @Test
    void shouldStayTheSameWhenAStrangerLeaves() {
        Subscribers subscribers = of(some(3));

        assertThat(subscribers.without(new Each())).isSameAs(subscribers);
    }
}
