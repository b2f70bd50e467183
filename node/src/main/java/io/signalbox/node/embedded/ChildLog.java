package io.signalbox.node.embedded;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The file that a child's output goes to; of earlier runs at most one more file is kept. Blocking. */
record ChildLog(Path file) {
    private static final long KEPT_BYTES = 4L << 20;
    private static final int SHOWN_BYTES = 2000;

    /** Starts a new file when the present one has grown; only its owner may read it, for statements can be in it. */
    void open() throws IOException {
        if (Files.exists(file) && Files.size(file) > KEPT_BYTES) {
            Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        if (!Files.exists(file)) {
            StoreSettings.createPrivate(file);
        }
    }

    ProcessBuilder.Redirect appending() {
        return ProcessBuilder.Redirect.appendTo(file.toFile());
    }

    /** The last lines, to be put behind an error message; says where the rest is. */
    String ending() {
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            log.seek(Math.max(0, log.length() - SHOWN_BYTES));
            byte[] bytes = new byte[(int) (log.length() - log.getFilePointer())];
            log.readFully(bytes);
            return "; the end of " + file + ":\n" + new String(bytes, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "; its log " + file + " cannot be read: " + e.getMessage();
        }
    }
}
