package io.signalbox.node.embedded;

import io.signalbox.config.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Properties;
import java.util.random.RandomGenerator;

/**
 * What is remembered about one embedded store from run to run, in a file that only its owner can read. Immutable,
 * thread-safe.
 *
 * @param marker is an argument of the server's command line: by it a server that outlived its node is recognised. Random,
 *     so that no other server can be meant
 * @param folder the store's folder when the marker was made; a folder that was moved or copied gets a new marker
 * @param port where the server listened last; 0: nowhere yet
 */
record StoreSettings(String marker, Path folder, int port, Secret password) {
    private static final int SECRET_BYTES = 24;
    private static final int MARKER_BYTES = 12;

    /** Reads the file, or thinks up settings when there is none; does not write. */
    static StoreSettings load(Path folder, RandomGenerator random) throws IOException {
        Path file = file(folder);
        Path here = folder.toRealPath();
        if (!Files.exists(file)) {
            return new StoreSettings(marker(random), here, 0, new Secret(hex(random, SECRET_BYTES)));
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        }
        boolean moved = !here.toString().equals(required(properties, "folder", file));
        return new StoreSettings(
                moved ? marker(random) : required(properties, "marker", file),
                here,
                port(required(properties, "port", file), file),
                new Secret(required(properties, "password", file)));
    }

    /** Replaces the file in one step. */
    void save() throws IOException {
        Properties properties = new Properties();
        properties.setProperty("marker", marker);
        properties.setProperty("folder", folder.toString());
        properties.setProperty("port", Integer.toString(port));
        properties.setProperty("password", password.reveal());
        Path file = file(folder);
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(draft);
        createPrivate(draft);
        try (OutputStream out = Files.newOutputStream(draft, StandardOpenOption.WRITE)) {
            properties.store(out, "Written by the node. Without the password the store cannot be opened.");
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    StoreSettings atPort(int newPort) {
        return new StoreSettings(marker, folder, newPort, password);
    }

    static boolean exist(Path folder) {
        return Files.exists(file(folder));
    }

    static void createPrivate(Path file) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private static Path file(Path folder) {
        return folder.resolve("store.properties");
    }

    private static String required(Properties properties, String key, Path file) {
        String value = properties.getProperty(key);
        if (value == null) {
            throw damaged(file, "has no '" + key + "'");
        }
        return value;
    }

    private static int port(String text, Path file) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw damaged(file, "has '" + text + "' for a port");
        }
    }

    private static StoreException damaged(Path file, String how) {
        return new StoreException(file + " " + how + ": restore it from a copy, or move " + file.getParent()
                + " away to start with an empty store.");
    }

    private static String marker(RandomGenerator random) {
        return "signalbox-" + hex(random, MARKER_BYTES);
    }

    private static String hex(RandomGenerator random, int bytes) {
        byte[] drawn = new byte[bytes];
        random.nextBytes(drawn);
        return HexFormat.of().formatHex(drawn);
    }
}
