package io.signalbox.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** JSON given on the command line: itself, {@code @file}, or {@code -} for standard input. */
final class JsonArgument {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private JsonArgument() {}

    /** @throws UsageException names the argument and what is wrong with it */
    static JsonNode read(String argument) {
        if (argument.equals("-")) {
            return parse(standardInput(), "standard input");
        } else if (argument.startsWith("@")) {
            return readFile(Path.of(argument.substring(1)));
        }
        return parse(argument, "\"" + argument + "\"");
    }

    static JsonNode readFile(Path file) {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new UsageException("The file " + file + " cannot be read: " + FileTrouble.reason(e), e);
        }
    }

    private static String standardInput() {
        try {
            return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UsageException("Standard input cannot be read: " + FileTrouble.reason(e), e);
        }
    }

    private static JsonNode parse(String text, String source) {
        try {
            JsonNode json = JSON.readTree(text);
            if (json.isMissingNode()) {
                throw new UsageException("Expected JSON, but " + source + " is empty");
            }
            return json;
        } catch (JsonProcessingException e) {
            throw new UsageException(
                    "No JSON: " + source + ", line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ": " + e.getOriginalMessage(),
                    e);
        }
    }
}
