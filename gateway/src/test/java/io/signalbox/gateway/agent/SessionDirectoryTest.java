package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionDirectoryTest {
    private final Endpoints endpoints = new Endpoints(token -> Endpoints.identity("a"));
    private final SessionDirectory sessions = new SessionDirectory(new SecureRandom());
    private final AgentSession session = endpoints.session("owner", "token");

    @AfterEach
    void close() {
        endpoints.close();
    }

    @Test
    void shouldGiveASessionOnce() {
        sessions.put("token", session);

        assertThat(sessions.take("token", "owner")).containsSame(session);
        assertThat(sessions.take("token", "owner")).isEmpty();
    }

    @Test
    void shouldGiveNothingForATokenThatIsNone() {
        sessions.put("token", session);

        assertThat(sessions.take("", "owner")).isEmpty();
        assertThat(sessions.take("Token", "owner")).isEmpty();
    }

    @Test
    void shouldKeepASessionForItsOwnerWhenAnotherComesWithItsToken() {
        sessions.put("token", session);

        assertThat(sessions.take("token", "thief")).isEmpty();

        assertThat(sessions.take("token", "owner")).containsSame(session);
    }

    @Test
    void shouldForgetWhatWasRemoved() {
        sessions.put("token", session);

        sessions.remove("token");

        assertThat(sessions.take("token", "owner")).isEmpty();
    }

    @Test
    void shouldGiveASessionToOneOfManyThatComeAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 200; round++) {
                sessions.put("token", session);
                Callable<Optional<AgentSession>> take = () -> sessions.take("token", "owner");

                List<Optional<AgentSession>> taken = new ArrayList<>();
                for (Future<Optional<AgentSession>> each : threads.invokeAll(List.of(take, take, take, take))) {
                    taken.add(each.get());
                }

                assertThat(taken).filteredOn(Optional::isPresent).hasSize(1);
            }
        }
    }

    @Test
    void shouldMakeTokensThatNobodyGuesses() {
        List<String> tokens =
                IntStream.range(0, 1000).mapToObj(i -> sessions.newToken()).toList();

        assertThat(tokens).doesNotHaveDuplicates().allMatch(token -> token.matches("[0-9a-f]{32}"));
    }
}
