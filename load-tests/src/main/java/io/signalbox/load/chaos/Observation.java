package io.signalbox.load.chaos;

import java.util.Optional;

/** What a client saw, or what was done to what it sent. */
sealed interface Observation {
    /** Of a message. They are told apart by sender and number; numbers of a sender grow with each message. */
    sealed interface OfMessage extends Observation {
        int sender();

        long number();
    }

    /** All that Redis had was deleted, by somebody who may. */
    record Flushed() implements Observation {}

    /** The primary Redis died, and what its replica had not got is gone. */
    record PrimaryLost() implements Observation {}

    /** The sender is about to publish it. */
    record Invoked(int sender, long number, int mailbox, Lane lane, Tier tier) implements OfMessage {}

    /** It was acknowledged to the sender. */
    record Acknowledged(int sender, long number) implements OfMessage {}

    /** It was refused: nothing was done. */
    record Refused(int sender, long number) implements OfMessage {}

    /** The sender gave up and does not know what became of it. */
    record Unknown(int sender, long number) implements OfMessage {}

    /**
     * @param attempt as the delivery said
     * @param intact the content is what was sent
     */
    record Received(int sender, long number, int mailbox, int attempt, boolean intact) implements OfMessage {}

    /** Of a mailbox, within which the messages of a sender keep their order. */
    enum Lane {
        BULK(1),
        NORMAL(5),
        URGENT(8);

        private final int priority;

        Lane(int priority) {
            this.priority = priority;
        }

        int priority() {
            return priority;
        }
    }

    /** Where it is safe before it is acknowledged. */
    enum Tier {
        /** In the files of one Redis. */
        LOCAL,
        /** With its replica, too. */
        REPLICATED
    }

    /** A line of a journal. */
    default String text() {
        return switch (this) {
            case Flushed() -> "flushed";
            case PrimaryLost() -> "primary-lost";
            case Invoked(int sender, long number, int mailbox, Lane lane, Tier tier) ->
                "invoke %d %d %d %s %s".formatted(sender, number, mailbox, lane, tier);
            case Acknowledged(int sender, long number) -> "ok %d %d".formatted(sender, number);
            case Refused(int sender, long number) -> "fail %d %d".formatted(sender, number);
            case Unknown(int sender, long number) -> "unknown %d %d".formatted(sender, number);
            case Received(int sender, long number, int mailbox, int attempt, boolean intact) ->
                "received %d %d %d %d %s".formatted(sender, number, mailbox, attempt, intact);
        };
    }

    /** Empty: the line is none, such as the last of a journal whose writer was killed. */
    static Optional<Observation> parse(String line) {
        return switch (line) {
            case "flushed" -> Optional.of(new Flushed());
            case "primary-lost" -> Optional.of(new PrimaryLost());
            default -> parseOfMessage(line);
        };
    }

    private static Optional<Observation> parseOfMessage(String line) {
        String[] words = line.split(" ");
        try {
            int sender = Integer.parseInt(words[1]);
            long number = Long.parseLong(words[2]);
            return switch (words[0]) {
                case "invoke" ->
                    Optional.of(new Invoked(
                            sender,
                            number,
                            Integer.parseInt(words[3]),
                            Lane.valueOf(words[4]),
                            Tier.valueOf(words[5])));
                case "ok" -> Optional.of(new Acknowledged(sender, number));
                case "fail" -> Optional.of(new Refused(sender, number));
                case "unknown" -> Optional.of(new Unknown(sender, number));
                case "received" ->
                    Optional.of(new Received(
                            sender,
                            number,
                            Integer.parseInt(words[3]),
                            Integer.parseInt(words[4]),
                            Boolean.parseBoolean(words[5])));
                default -> Optional.empty();
            };
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }
}
