package io.signalbox.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tree against a list that is searched from end to end. */
class SubscriptionTreeTest {
    private static final List<String> GROUPS = List.of("", "", "g", "h");

    private final SubscriptionTree tree = new SubscriptionTree();

    /** One subscription; compared by identity, for there may be equal ones. */
    private static final class Entry {
        final AddressPattern pattern;
        final String group;
        final Subscriber subscriber;

        Entry(AddressPattern pattern, String group) {
            this.pattern = pattern;
            this.group = group;
            // Not a constant: each must be an object of its own.
            this.subscriber = message -> this.group.isEmpty() ? OfferResult.ACCEPTED : OfferResult.CLOSED;
        }

        static Entry of(String pattern, String group) {
            return new Entry(new AddressPattern(pattern), group);
        }

        void addTo(SubscriptionTree tree) {
            tree.add(pattern, group, subscriber);
        }

        void removeFrom(SubscriptionTree tree) {
            tree.remove(pattern, group, subscriber);
        }

        Found found() {
            return new Found(group, subscriber);
        }
    }

    private record Found(String group, Subscriber subscriber) {}

    private static List<Found> found(SubscriptionTree tree, String address) {
        List<Found> found = new ArrayList<>();
        tree.match(address, interest -> {
            assertThat(interest.isEmpty()).isFalse();
            SubscribersTest.all(interest.plain()).forEach(each -> found.add(new Found("", each)));
            interest.groups()
                    .forEach(group -> SubscribersTest.all(group.members())
                            .forEach(member -> found.add(new Found(group.name(), member))));
        });
        return found;
    }

    private static List<Found> naive(List<Entry> entries, String address) {
        return entries.stream()
                .filter(entry -> RandomAddresses.matches(entry.pattern, address))
                .map(Entry::found)
                .toList();
    }

    @Test
    void shouldFindWhatASearchOfAllFinds() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            RandomAddresses addresses = new RandomAddresses(random);
            SubscriptionTree tree = new SubscriptionTree();
            List<Entry> entries = new ArrayList<>();
            for (int step = 0; step < 150; step++) {
                if (entries.isEmpty() || random.nextInt(5) < 3) {
                    Entry entry = new Entry(addresses.pattern(), GROUPS.get(random.nextInt(GROUPS.size())));
                    entries.add(entry);
                    entry.addTo(tree);
                } else {
                    entries.remove(random.nextInt(entries.size())).removeFrom(tree);
                }
                String address = addresses.address();
                assertThat(found(tree, address))
                        .as("seed %d, step %d, address %s", seed, step, address)
                        .containsExactlyInAnyOrderElementsOf(naive(entries, address));
            }
            Collections.shuffle(entries, random);
            entries.forEach(entry -> entry.removeFrom(tree));
            assertThat(tree.isEmpty()).as("seed %d: nothing is kept", seed).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "a/+, g, the same pattern and group",
        "a/+, other, another group",
        "a/+, '', no group",
        "a/b/c/#, g, a deeper pattern",
        "a, g, a pattern that is only a level on the way",
        "+, g, a pattern that is not there"
    })
    void shouldIgnoreTheRemovalOfWhatIsNotThere(String pattern, String group, String what) {
        Entry there = Entry.of("a/+", "g");
        there.addTo(tree);

        Entry.of(pattern, group).removeFrom(tree);

        assertThat(found(tree, "a/b")).as(what).containsExactly(there.found());
    }

    @ParameterizedTest
    @CsvSource({"a, ''", "a, g", "+, ''", "+, g"})
    void shouldKeepASubscriberThatIsThereTwice(String pattern, String group) {
        Entry twice = Entry.of(pattern, group);
        twice.addTo(tree);
        twice.addTo(tree);

        twice.removeFrom(tree);

        assertThat(found(tree, "a")).containsExactly(twice.found());
    }

    @Test
    void shouldKeepALevelThatOthersStillNeed() {
        Entry upper = Entry.of("a/+", "");
        Entry lower = Entry.of("a/+/c/#", "");
        List.of(upper, lower).forEach(entry -> entry.addTo(tree));

        upper.removeFrom(tree);
        assertThat(found(tree, "a/b/c/d")).containsExactly(lower.found());

        upper.addTo(tree);
        lower.removeFrom(tree);
        assertThat(found(tree, "a/b")).containsExactly(upper.found());
        assertThat(found(tree, "a/b/c/d")).isEmpty();
    }

    @Test
    void shouldShareNothingBetweenGroupsOfOneName() {
        Entry exact = Entry.of("a/b", "g");
        Entry wild = Entry.of("a/+", "g");
        List.of(exact, wild).forEach(entry -> entry.addTo(tree));

        List<Integer> sizes = new ArrayList<>();
        tree.match(
                "a/b",
                interest -> sizes.add(interest.groups().getFirst().members().size()));

        assertThat(sizes).as("each pattern has its own group").containsExactly(1, 1);
    }

    /** A subscription that comes and goes. Its steps go round: 0 absent, 1 being added, 2 present, 3 being removed. */
    private record Changing(Entry entry, AtomicInteger step) {
        static Changing of(String pattern, String group) {
            return new Changing(Entry.of(pattern, group), new AtomicInteger());
        }

        void comeAndGo(SubscriptionTree tree) {
            step.incrementAndGet();
            entry.addTo(tree);
            step.incrementAndGet();
            step.incrementAndGet();
            entry.removeFrom(tree);
            step.incrementAndGet();
        }

        /** Seen at most once; surely when it was present all the while, surely not when it was absent all the while. */
        boolean allows(int before, int after, long seen) {
            if (before != after) {
                return seen <= 1;
            }
            return switch (before % 4) {
                case 0 -> seen == 0;
                case 2 -> seen == 1;
                default -> seen <= 1;
            };
        }
    }

    private void readAndCheck(List<Changing> changing, Entry steady) {
        int[] before = changing.stream().mapToInt(each -> each.step().get()).toArray();
        List<Found> found = found(tree, "x/1/z");
        int[] after = changing.stream().mapToInt(each -> each.step().get()).toArray();

        assertThat(Collections.frequency(found, steady.found())).isEqualTo(1);
        for (int i = 0; i < before.length; i++) {
            Changing each = changing.get(i);
            int seen = Collections.frequency(found, each.entry().found());
            assertThat(each.allows(before[i], after[i], seen))
                    .as("%s seen %d times, step %d to %d", each.entry().pattern, seen, before[i], after[i])
                    .isTrue();
        }
    }

    @Test
    void shouldShowReadersEachSubscriptionThatIsThereWhileOthersComeAndGo() throws Exception {
        Entry steady = Entry.of("x/+/z", "");
        steady.addTo(tree);
        List<Changing> changing = List.of(
                Changing.of("x/+/z", ""),
                Changing.of("x/1/#", ""),
                Changing.of("x/1/z", ""),
                Changing.of("x/+/z", "g"),
                Changing.of("x/1/+", "g"),
                Changing.of("x/1/z", "g"));
        CountDownLatch writing = new CountDownLatch(2);
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Future<?>> all = new ArrayList<>();
            for (int writer = 0; writer < 2; writer++) {
                // Each subscription has one writer, or its steps would say nothing; both meet at the same levels.
                List<Changing> own = changing.subList(writer * 3, writer * 3 + 3);
                Random random = new Random(writer);
                all.add(threads.submit(() -> {
                    IntStream.range(0, 50_000)
                            .forEach(i -> own.get(random.nextInt(3)).comeAndGo(tree));
                    writing.countDown();
                }));
            }
            all.add(threads.submit(() -> {
                while (writing.getCount() > 0) {
                    readAndCheck(changing, steady);
                }
            }));
            for (Future<?> each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
        }
        assertThat(found(tree, "x/1/z")).containsExactly(steady.found());
        steady.removeFrom(tree);
        assertThat(tree.isEmpty()).isTrue();
    }

    @Test
    void shouldLoseNobodyWhenManyChangeOnePatternAtOnce() throws Exception {
        int writers = 4;
        CyclicBarrier together = new CyclicBarrier(writers);
        List<Entry> staying = Collections.synchronizedList(new ArrayList<>());
        try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            List<Future<?>> all = new ArrayList<>();
            for (int writer = 0; writer < writers; writer++) {
                String pattern = writer % 2 == 0 ? "x/+" : "x/1";
                String group = writer < 2 ? "" : "g";
                all.add(threads.submit(() -> {
                    for (int round = 0; round < 100; round++) {
                        Entry stays = new Entry(new AddressPattern(pattern), group);
                        together.await(60, TimeUnit.SECONDS);
                        stays.addTo(tree);
                        for (int i = 0; i < 500; i++) {
                            Entry brief = new Entry(new AddressPattern(pattern), group);
                            brief.addTo(tree);
                            brief.removeFrom(tree);
                        }
                        staying.add(stays);
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
        }

        assertThat(found(tree, "x/1")).containsExactlyInAnyOrderElementsOf(naive(staying, "x/1"));
        staying.forEach(entry -> entry.removeFrom(tree));
        assertThat(tree.isEmpty()).isTrue();
    }
}
