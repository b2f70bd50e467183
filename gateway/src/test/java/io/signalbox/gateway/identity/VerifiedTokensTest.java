package io.signalbox.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VerifiedTokensTest {
    private final VerifiedTokens tokens = new VerifiedTokens(10);

    private static Identity identity(String subject) {
        return new Identity(subject, List.of(), List.of(), List.of(), Set.of(), Optional.empty());
    }

    private void put(int from, int to) {
        IntStream.range(from, to).forEach(i -> tokens.put("token " + i, identity("subject " + i)));
    }

    @Test
    void shouldKnowATokenAgainAndNoOther() {
        put(0, 2);

        assertThat(tokens.find("token 1")).contains(identity("subject 1"));
        assertThat(tokens.find("token 10")).isEmpty();
        assertThat(tokens.find("")).isEmpty();
    }

    @Test
    void shouldForgetWhatWasNotAskedForWhileManyCame() {
        put(0, 1_000);

        assertThat(IntStream.range(0, 1_000)
                        .filter(i -> tokens.find("token " + i).isPresent()))
                .hasSizeBetween(1, 10)
                .contains(999)
                .doesNotContain(0);
    }

    @Test
    void shouldKeepWhatIsAskedForAgainAndAgain() {
        tokens.put("mine", identity("me"));

        for (int i = 0; i < 1_000; i++) {
            put(i, i + 1);
            assertThat(tokens.find("mine")).as("after %d others", i).isPresent();
        }
    }
}
