package io.signalbox.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The tree against a list that is searched from end to end. */
class SubscriptionTreeTest {
    private static final List<String> LEVELS = List.of("a", "b", "$c", "", "agent");
    private static final List<String> GROUPS = List.of("", "", "g", "h");

    private record Entry(AddressPattern pattern, String group, Subscriber subscriber) {}

    private static Subscriber subscriber() {
        // Not a constant: each must be an object of its own.
        Object self = new Object();
        return message -> self == null ? OfferResult.CLOSED : OfferResult.ACCEPTED;
    }

    private static List<Object> found(SubscriptionTree tree, String address) {
        List<Object> found = new ArrayList<>();
        tree.match(address, interest -> {
            found.addAll(interest.plain());
            interest.groups().forEach(group -> {
                for (Subscriber member : group.members()) {
                    found.add(group.name() + "@" + System.identityHashCode(member));
                }
            });
        });
        return found;
    }

    private static List<Object> naive(List<Entry> entries, String address) {
        return entries.stream()
                .filter(entry -> entry.pattern().matches(address))
                .<Object>map(entry -> entry.group().isEmpty()
                        ? entry.subscriber()
                        : entry.group() + "@" + System.identityHashCode(entry.subscriber()))
                .toList();
    }

    private static String address(Random random) {
        StringBuilder text = new StringBuilder(level(random));
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append('/').append(level(random));
        }
        return text.isEmpty() ? "a" : text.toString();
    }

    private static String level(Random random) {
        return LEVELS.get(random.nextInt(LEVELS.size()));
    }

    private static AddressPattern pattern(Random random) {
        String[] levels = address(random).split("/", -1);
        for (int i = 0; i < levels.length; i++) {
            if (random.nextInt(3) == 0) {
                levels[i] = "+";
            }
        }
        if (random.nextInt(3) == 0) {
            levels[levels.length - 1] = "#";
        }
        return new AddressPattern(String.join("/", levels));
    }

    @Test
    void shouldFindWhatASearchOfAllFinds() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            SubscriptionTree tree = new SubscriptionTree();
            List<Entry> entries = new ArrayList<>();
            for (int step = 0; step < 150; step++) {
                if (entries.isEmpty() || random.nextInt(5) < 3) {
                    Entry entry = new Entry(pattern(random), GROUPS.get(random.nextInt(GROUPS.size())), subscriber());
                    entries.add(entry);
                    tree.add(entry.pattern(), entry.group(), entry.subscriber());
                } else {
                    Entry entry = entries.remove(random.nextInt(entries.size()));
                    tree.remove(entry.pattern(), entry.group(), entry.subscriber());
                }
                String address = address(random);
                assertThat(found(tree, address))
                        .as("seed %d, step %d, address %s", seed, step, address)
                        .containsExactlyInAnyOrderElementsOf(naive(entries, address));
            }
            entries.forEach(entry -> tree.remove(entry.pattern(), entry.group(), entry.subscriber()));
            assertThat(tree.isEmpty()).as("seed %d: nothing is kept", seed).isTrue();
        }
    }

    @Test
    void shouldIgnoreTheRemovalOfWhatIsNotThere() {
        SubscriptionTree tree = new SubscriptionTree();
        Subscriber there = subscriber();
        tree.add(new AddressPattern("a/+"), "g", there);

        tree.remove(new AddressPattern("a/+"), "g", subscriber());
        tree.remove(new AddressPattern("a/+"), "other", there);
        tree.remove(new AddressPattern("a/b/c/#"), "g", there);
        tree.remove(new AddressPattern("a"), "", there);

        assertThat(found(tree, "a/b")).hasSize(1);
    }

    @Test
    void shouldKeepASubscriberThatIsThereTwice() {
        SubscriptionTree tree = new SubscriptionTree();
        Subscriber twice = subscriber();
        tree.add(new AddressPattern("a"), "", twice);
        tree.add(new AddressPattern("a"), "", twice);

        tree.remove(new AddressPattern("a"), "", twice);

        assertThat(found(tree, "a")).containsExactly(twice);
    }

    @Test
    void shouldAlwaysFindWhoStaysWhileOthersComeAndGo() throws InterruptedException {
        SubscriptionTree tree = new SubscriptionTree();
        Subscriber steady = subscriber();
        tree.add(new AddressPattern("x/+/z"), "", steady);
        CountDownLatch done = new CountDownLatch(2);
        List<Thread> writers = IntStream.range(0, 2)
                .mapToObj(writer -> Thread.ofPlatform().start(() -> {
                    Random random = new Random(writer);
                    for (int i = 0; i < 20_000; i++) {
                        AddressPattern pattern =
                                new AddressPattern(random.nextBoolean() ? "x/+/z" : "x/" + random.nextInt(3) + "/#");
                        Subscriber brief = subscriber();
                        tree.add(pattern, "", brief);
                        tree.remove(pattern, "", brief);
                    }
                    done.countDown();
                }))
                .toList();

        while (done.getCount() > 0) {
            assertThat(found(tree, "x/1/z")).contains(steady);
        }
        for (Thread writer : writers) {
            writer.join();
        }
        assertThat(found(tree, "x/1/z")).containsExactly(steady);
    }
}
