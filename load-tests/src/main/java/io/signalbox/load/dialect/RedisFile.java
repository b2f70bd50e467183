package io.signalbox.load.dialect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a client needs of the configuration that a Redis server was started with. */
public record RedisFile(int port, String password) {
    public static RedisFile read(Path file) throws IOException {
        return new RedisFile(Integer.parseInt(value(file, "port")), value(file, "requirepass"));
    }

    private static String value(Path file, String name) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1).trim())
                .findFirst()
                .orElseThrow(() -> new IOException(file + " has no " + name));
    }
}
