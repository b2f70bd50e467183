package io.signalbox.bus.retained;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.retained.RetainedStore.Position;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RetainedReaderTest {
    private static final long NOW = 1_700_000_000_000_000L;
    private static final Position MORE = new Position(3, "");

    private final RetainedReader reader = new RetainedReader(new AddressPattern("news/#"));

    private static Retained retained(String address, long revision) {
        return retained(address, revision, 0);
    }

    private static Retained retained(String address, long revision, int ttlMs) {
        Message message = Message.newBuilder()
                .setAddress(address)
                .setTime(NOW)
                .setTtlMs(ttlMs)
                .build();
        return new Retained(new Position(2, address), revision, EncodedMessage.of(message));
    }

    private void page(Optional<Position> until, Retained... messages) {
        reader.begin();
        reader.arrived(List.of(messages), until);
    }

    private List<String> given() {
        return Stream.generate(() -> reader.poll(NOW))
                .takeWhile(Optional::isPresent)
                .map(each -> each.get().position().address() + " " + each.get().revision())
                .toList();
    }

    @Test
    void shouldGivePageByPageUntilTheLast() {
        assertThat(reader.wantsPage()).isTrue();
        assertThat(reader.begin()).isEqualTo(Position.START);
        assertThat(reader.wantsPage()).as("one page at a time").isFalse();
        reader.arrived(List.of(retained("news/a", 1), retained("news/b", 2)), Optional.of(MORE));
        assertThat(reader.wantsPage()).as("the first page is not given yet").isFalse();
        assertThat(given()).containsExactly("news/a 1", "news/b 2");

        assertThat(reader.begin()).isEqualTo(MORE);
        reader.arrived(List.of(retained("news/c", 3)), Optional.empty());
        assertThat(reader.isDone()).isFalse();
        assertThat(given()).containsExactly("news/c 3");

        assertThat(reader.isDone()).isTrue();
        assertThat(reader.wantsPage()).isFalse();
    }

    @Test
    void shouldGoOnAfterAPageOfNothingAndEndAfterTheLast() {
        page(Optional.of(MORE));
        assertThat(reader.wantsPage()).isTrue();
        assertThat(reader.isDone()).isFalse();

        assertThat(reader.begin()).isEqualTo(MORE);
        reader.arrived(List.of(), Optional.empty());

        assertThat(reader.isDone()).isTrue();
    }

    @Test
    void shouldReadAgainWhatCouldNotBeRead() {
        page(Optional.of(MORE), retained("news/a", 1));
        given();
        reader.begin();

        reader.failed();

        assertThat(reader.wantsPage()).isTrue();
        assertThat(reader.begin()).isEqualTo(MORE);
    }

    @Test
    void shouldGiveNothingOlderThanWhatCameMeanwhile() {
        reader.begin();
        reader.live("news/a", 5);
        reader.live("news/b", 5);
        reader.live("news/b", 4);
        reader.live("news/c", 5);
        reader.live("other", 9);
        reader.arrived(
                List.of(
                        retained("news/a", 4),
                        retained("news/b", 5),
                        retained("news/c", 6),
                        retained("news/d", 1),
                        retained("news/e", 1)),
                Optional.empty());
        reader.live("news/e", 7);

        assertThat(given()).containsExactly("news/c 6", "news/d 1");
    }

    @Test
    void shouldForgetWhatCameBeforeAPageWasRead() {
        page(Optional.of(MORE), retained("news/a", 1));
        reader.live("news/b", 5);
        given();

        page(Optional.empty(), retained("news/b", 4));

        assertThat(given()).as("the store knows better").containsExactly("news/b 4");
    }

    @Test
    void shouldNotGiveWhatHasLivedItsTime() {
        page(Optional.empty(), retained("news/a", 1, 10), retained("news/b", 1, 11));

        assertThat(reader.poll(NOW + 10_001).orElseThrow().position().address()).isEqualTo("news/b");
        assertThat(reader.isDone()).isTrue();
    }

    private void flood() {
        IntStream.rangeClosed(0, 1000).forEach(i -> reader.live("news/flood/" + i, 50));
    }

    @Test
    void shouldReadAPageAnewWhenMoreChangesMeanwhileThanItRemembers() {
        List<String> given = new ArrayList<>();
        page(Optional.of(MORE), retained("news/a", 1), retained("news/b", 1));
        reader.poll(NOW).ifPresent(first -> given.add(first.position().address()));

        flood();

        assertThat(given()).as("what was there may be old").isEmpty();
        assertThat(reader.begin()).as("after what was given").isEqualTo(new Position(2, "news/a"));
        flood();
        reader.arrived(List.of(retained("news/b", 1)), Optional.empty());
        assertThat(reader.isDone()).isFalse();
        assertThat(reader.begin()).isEqualTo(new Position(2, "news/a"));
        reader.arrived(List.of(retained("news/b", 2)), Optional.empty());
        assertThat(given()).containsExactly("news/b 2");
        assertThat(reader.isDone()).isTrue();
    }

    @Test
    void shouldReadWithoutFailingAnewWhenAFloodedReadFails() {
        reader.begin();
        flood();
        reader.failed();

        page(Optional.empty(), retained("news/a", 1));

        assertThat(given()).containsExactly("news/a 1");
    }
}
