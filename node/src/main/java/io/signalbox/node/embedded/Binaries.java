package io.signalbox.node.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Properties;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * The servers' programs, unpacked once from their artifacts into {@code <data directory>/bin}. A folder appears there whole
 * or not at all: it is filled under another name and then moved. Blocking; not thread-safe for one and the same server.
 */
final class Binaries {
    private static final String EXECUTABLE = "rwxr-xr-x";
    private static final String PLAIN = "rw-r--r--";
    private static final String UNFINISHED = ".unfinished";
    private static final int OWNER_EXECUTES = 0100;

    private final Path directory;
    private final Platform platform;

    Binaries(Path directory, Platform platform) {
        this.directory = directory;
        this.platform = platform;
    }

    /** The installation of PostgreSQL: its {@code bin/postgres} and {@code bin/initdb} can be run. */
    Path postgres() throws IOException {
        return unpacked("postgres-" + postgresVersion(), this::unpackPostgres);
    }

    /** The program {@code redis-server}. */
    Path redis() throws IOException {
        String folder = platform.redisProgram().replaceAll("-linux-.*", "");
        return unpacked(folder, this::copyRedis).resolve("redis-server");
    }

    private Path unpacked(String folder, Unpacking unpacking) throws IOException {
        Path target = directory.resolve(folder);
        if (Files.isDirectory(target)) {
            return target;
        }
        Files.createDirectories(directory);
        Path unfinished = directory.resolve(folder + UNFINISHED);
        FileTree.delete(unfinished);
        Files.createDirectory(unfinished);
        unpacking.into(unfinished);
        deleteOthers(folder);
        return Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Earlier versions of the same server. */
    private void deleteOthers(String folder) throws IOException {
        String server = folder.substring(0, folder.lastIndexOf('-') + 1);
        try (DirectoryStream<Path> others = Files.newDirectoryStream(directory, server + "*")) {
            for (Path other : others) {
                if (!other.getFileName().toString().endsWith(UNFINISHED)) {
                    FileTree.delete(other);
                }
            }
        }
    }

    private void unpackPostgres(Path target) throws IOException {
        try (InputStream resource = resource(platform.postgresArchive());
                TarArchiveInputStream archive =
                        new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(resource)))) {
            for (TarArchiveEntry entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
                unpackEntry(archive, entry, target);
            }
        }
    }

    private static void unpackEntry(InputStream content, TarArchiveEntry entry, Path target) throws IOException {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
            throw new IOException("archive entry outside of its folder: " + entry.getName());
        }
        Files.createDirectories(entry.isDirectory() ? path : path.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else if (entry.isFile()) {
            Files.copy(content, path);
            boolean executable = (entry.getMode() & OWNER_EXECUTES) != 0;
            permit(path, executable ? EXECUTABLE : PLAIN);
        }
    }

    private void copyRedis(Path target) throws IOException {
        Path program = target.resolve("redis-server");
        try (InputStream resource = resource(platform.redisProgram())) {
            Files.copy(resource, program);
        }
        permit(program, EXECUTABLE);
    }

    private static void permit(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private static InputStream resource(String name) {
        InputStream resource = Binaries.class.getResourceAsStream("/" + name);
        if (resource == null) {
            throw new StoreException("The artifact with " + name + " is not on the class path. Build with it, or set"
                    + " postgres.url and redis.url to outside servers.");
        }
        return resource;
    }

    private static String postgresVersion() throws IOException {
        Properties versions = new Properties();
        try (InputStream stream = Binaries.class.getResourceAsStream("versions.properties")) {
            versions.load(stream);
        }
        return versions.getProperty("postgres");
    }

    @FunctionalInterface
    private interface Unpacking {
        void into(Path folder) throws IOException;
    }
}
