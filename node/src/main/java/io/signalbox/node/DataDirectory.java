package io.signalbox.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The folder that one living node owns. The lock ends with the process, however it ends; the file {@code node.properties}
 * beside it only says who holds it. Thread-safe.
 */
public final class DataDirectory implements AutoCloseable {
    /**
     * A process loses its lock on a file when it closes any of its channels to that file, so a second node in this process
     * must be refused before it opens one.
     */
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private static final int UUID_CHARACTERS = 36;

    private final Path path;
    private final FileChannel channel;
    private final UUID id;

    private DataDirectory(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.id = identify(channel);
    }

    /**
     * Makes the folder when there is none, and takes it for this node. Blocking.
     *
     * @throws NodeException when another living node holds it, or it cannot be written
     */
    public static DataDirectory lock(Path configured) {
        Path path = existing(configured);
        if (!HELD_HERE.add(path)) {
            throw inUse(path);
        }
        try {
            return new DataDirectory(path, locked(path));
        } catch (IOException e) {
            HELD_HERE.remove(path);
            throw unusable(path, e);
        } catch (NodeException e) {
            HELD_HERE.remove(path);
            throw e;
        }
    }

    /** Drawn when the folder was first used. */
    private static UUID identify(FileChannel lock) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(UUID_CHARACTERS);
        while (text.hasRemaining() && lock.read(text, text.position()) > 0) {
            // A file may be read in pieces.
        }
        if (!text.hasRemaining()) {
            return UUID.fromString(new String(text.array(), StandardCharsets.US_ASCII));
        }
        UUID drawn = UUID.randomUUID();
        lock.write(ByteBuffer.wrap(drawn.toString().getBytes(StandardCharsets.US_ASCII)), 0);
        return drawn;
    }

    /** Of this folder, as long as it is there. */
    UUID id() {
        return id;
    }

    /** Absolute, without links. */
    public Path path() {
        return path;
    }

    /**
     * Leaves word for those who find the folder locked.
     *
     * @param state where the node can be reached, or that it cannot yet
     */
    public void announce(String nodeId, String state) throws IOException {
        Properties holder = new Properties();
        holder.setProperty("node", nodeId);
        holder.setProperty("process", Long.toString(ProcessHandle.current().pid()));
        holder.setProperty("state", state);
        try (OutputStream out = Files.newOutputStream(holderFile(path))) {
            holder.store(out, "The node that runs on this data directory");
        }
    }

    @Override
    public void close() throws IOException {
        try {
            Files.deleteIfExists(holderFile(path));
            channel.close();
        } finally {
            HELD_HERE.remove(path);
        }
    }

    private static Path existing(Path configured) {
        Path path = configured.toAbsolutePath().normalize();
        try {
            if (!Files.isDirectory(path)) {
                // Others may pass through: PostgreSQL may have to run as somebody else.
                Files.createDirectories(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
            }
            return path.toRealPath();
        } catch (IOException | UnsupportedOperationException e) {
            throw unusable(path, e);
        }
    }

    private static FileChannel locked(Path path) throws IOException {
        FileChannel channel = FileChannel.open(
                path.resolve("node.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            FileLock lock = channel.tryLock();
            locked = lock != null;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
        if (!locked) {
            throw inUse(path);
        }
        return channel;
    }

    private static NodeException inUse(Path path) {
        return new NodeException("The data directory " + path + " is in use by "
                + holder(path).orElse("another node")
                + ". Stop that node, or give this one another node.data-directory.");
    }

    private static Optional<String> holder(Path path) {
        Path file = holderFile(path);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        Properties holder = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            holder.load(in);
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.of("node " + holder.getProperty("node") + " (process " + holder.getProperty("process") + ", "
                + holder.getProperty("state") + ")");
    }

    private static NodeException unusable(Path path, Exception cause) {
        return new NodeException(
                "The data directory " + path + " cannot be used: " + cause
                        + ". Choose another node.data-directory that this user can write.",
                cause);
    }

    private static Path holderFile(Path path) {
        return path.resolve("node.properties");
    }
}
