package io.signalbox.verticles.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Statements live in files next to the driver that runs them; each file's header names the arguments. */
public final class SqlFile {
    private SqlFile() {}

    /** @param driver the file is in its package */
    public static String read(Class<?> driver, String name) {
        try (InputStream in = driver.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + name + " next to " + driver.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
