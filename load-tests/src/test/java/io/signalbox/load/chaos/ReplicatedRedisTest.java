package io.signalbox.load.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class ReplicatedRedisTest {
    @TempDir
    Path directory;

    @Test
    void shouldLetTheReplicaTakeOverWithoutWhatItHadNotGot() throws Exception {
        Path file = directory.resolve("journal");
        try (ReplicatedRedis redis = new ReplicatedRedis(directory.resolve("redis"));
                Journal journal = new Journal(file)) {
            redis.start(directory.resolve("bin"));
            int first = redis.primaryPort();
            try (RedisConversation conversation = new RedisConversation(first, redis.password())) {
                conversation.tell("SET", "early", "1");
                assertThat(conversation.ask("WAIT", "1", "20000")).isEqualTo(":1");
            }

            Thread writer = Thread.ofVirtual().start(() -> writeLate(redis));
            redis.losePrimary(Duration.ofSeconds(1), journal);
            writer.join();

            awaitWhole(redis);
            assertThat(redis.primaryPort()).isNotEqualTo(first);
            assertThat(ask(redis, "EXISTS", "early")).isEqualTo(":1");
            assertThat(ask(redis, "EXISTS", "late")).isEqualTo(":0");
        }
        assertThat(Files.readString(file)).isEqualTo("primary-lost\n");
    }

    /** Once the primary has no replica that follows. */
    private static void writeLate(ReplicatedRedis redis) {
        try {
            while (redis.isWhole()) {
                Thread.onSpinWait();
            }
            tell(redis, "SET", "late", "1");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitWhole(ReplicatedRedis redis) {
        while (!redis.isWhole()) {
            Thread.onSpinWait();
        }
    }

    private static void tell(ReplicatedRedis redis, String... words) throws IOException {
        assertThat(ask(redis, words)).isEqualTo("+OK");
    }

    private static String ask(ReplicatedRedis redis, String... words) throws IOException {
        try (RedisConversation conversation = new RedisConversation(redis.primaryPort(), redis.password())) {
            return conversation.ask(words);
        }
    }
}
