package io.signalbox.verticles.locking;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.proto.LockMode;
import io.signalbox.verticles.locking.LockStore.Lock;
import io.signalbox.verticles.locking.LockStore.Seen;
import io.signalbox.verticles.locking.WaitGraph.Step;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaitGraphTest {
    private static final AtomicInteger claims = new AtomicInteger();

    /** A lock is its holders, then those that wait, in their order; As shares it, A2 has one of two permits. */
    @ParameterizedTest
    @CsvSource({
        // nobody waits in a circle
        "X: A<B, ''",
        "X: A<B C; Y: B<D, ''",
        // two, and three
        "X: A<B; Y: B<A, A-Y B-X",
        "X: A<B; Y: B<C; Z: C<A, A-Z C-Y B-X",
        // behind one that is stuck: stuck, but in no circle
        "X: A<B D; Y: B<A, A-Y B-X",
        // the queue is a reason too: B could share X with A, but waits behind C, who waits for A
        "X: As<C Bs; Y: B<A, A-Y B-X C-X",
        "X: As<Bs; Y: B<A, ''",
        // one of two permits will be free, for D waits for nothing
        "X: A2 D2<B2; Y: B<A, ''",
        "X: A2 D2<B2; Y: B<A D, A-Y B-X",
        // two circles
        "X: A<B; Y: B<A; Z: E<F; U: F<E, A-Y B-X|E-U F-Z",
    })
    void shouldFindThoseThatWaitForEachOther(String locks, String circles) {
        WaitGraph graph = new WaitGraph(
                Arrays.stream(locks.split("; ")).map(WaitGraphTest::lock).toList());

        assertThat(graph.deadlocks().stream().map(WaitGraphTest::canonical))
                .containsExactlyInAnyOrder(
                        circles.isEmpty()
                                ? new String[0]
                                : Arrays.stream(circles.split("\\|"))
                                        .map(WaitGraphTest::sorted)
                                        .toArray(String[]::new));
    }

    private static Lock lock(String text) {
        String[] parts = text.split(": |<");
        List<Seen> holders = all(parts[1]);
        List<Seen> waiters = all(parts[2]);
        return new Lock(parts[0], holders.size(), waiters.size(), holders, waiters);
    }

    private static List<Seen> all(String owners) {
        return Arrays.stream(owners.split(" ")).map(WaitGraphTest::one).toList();
    }

    private static Seen one(String text) {
        Owner owner = new Owner(text.substring(0, 1), "thread#" + claims.incrementAndGet());
        return switch (text.substring(1)) {
            case "" -> new Seen(owner, LockMode.LOCK_MODE_EXCLUSIVE, 1, 5, 1, 0, 0);
            case "s" -> new Seen(owner, LockMode.LOCK_MODE_SHARED, 1000, 5, 1, 0, 0);
            default -> new Seen(owner, LockMode.LOCK_MODE_PERMIT, text.charAt(1) - '0', 5, 1, 0, 0);
        };
    }

    private static String canonical(List<Step> steps) {
        return steps.stream()
                .map(step -> step.owner().agent() + "-" + step.waitsFor())
                .sorted()
                .collect(Collectors.joining(" "));
    }

    private static String sorted(String circle) {
        return Arrays.stream(circle.split(" ")).sorted().collect(Collectors.joining(" "));
    }
}
