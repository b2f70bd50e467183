package io.signalbox.node.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** Why a file cannot be used, in words for people: Java's own are names of exceptions, or the file's name again. */
final class FileTrouble {
    private FileTrouble() {}

    static String reason(IOException trouble) {
        return switch (trouble) {
            case NoSuchFileException ignored -> "no such file or folder";
            case AccessDeniedException ignored -> "permission denied";
            case CharacterCodingException ignored -> "it is not text in UTF-8";
            default -> Optional.ofNullable(trouble.getMessage()).orElseGet(trouble::toString);
        };
    }
}
