package io.signalbox.load.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisFileTest {
    @TempDir
    private Path folder;

    @Test
    void shouldReadPortAndPassword() throws IOException {
        Path file = Files.writeString(folder.resolve("redis.conf"), "bind 127.0.0.1\nport 6380\nrequirepass a b\n");

        assertThat(RedisFile.read(file)).isEqualTo(new RedisFile(6380, "a b"));
    }

    @Test
    void shouldSayWhatAFileLacks() throws IOException {
        Path file = Files.writeString(folder.resolve("redis.conf"), "port 6380\n");

        assertThatThrownBy(() -> RedisFile.read(file)).hasMessage(file + " has no requirepass");
    }
}
