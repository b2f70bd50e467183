package io.signalbox.bus.redis;

import java.util.Set;

/** What an error of Redis means for the command that got it. */
sealed interface ErrorReply {
    Set<String> ANOTHER_TIME = Set.of("LOADING", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "BUSY", "NOREPLICAS");

    /** The server is no primary any more; nothing was done. */
    record Demoted() implements ErrorReply {}

    /** It may be tried again later; nothing was done. */
    record NotNow() implements ErrorReply {}

    record Refused() implements ErrorReply {}

    /** The slot belongs to another server; nothing was done. */
    record Moved(int slot, ServerAddress address) implements ErrorReply {}

    /** The key is on another server already, the slot not yet; nothing was done. */
    record Ask(ServerAddress address) implements ErrorReply {}

    /**
     * @param text begins with the error's word
     * @param from who answered; its host is meant where none is named
     */
    static ErrorReply of(String text, ServerAddress from) {
        String[] words = text.split(" ");
        if (ANOTHER_TIME.contains(words[0])) {
            return new NotNow();
        }
        return switch (words[0]) {
            case "READONLY" -> new Demoted();
            case "MOVED" -> new Moved(Integer.parseInt(words[1]), address(words[2], from));
            case "ASK" -> new Ask(address(words[2], from));
            default -> new Refused();
        };
    }

    private static ServerAddress address(String text, ServerAddress from) {
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, colon);
        return new ServerAddress(host.isEmpty() ? from.host() : host, Integer.parseInt(text.substring(colon + 1)));
    }
}
