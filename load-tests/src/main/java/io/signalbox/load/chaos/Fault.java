package io.signalbox.load.chaos;

import java.util.Locale;

/** What is done to the nodes, their stores and their links, and what heals it. */
enum Fault {
    KILL_NODE(Subject.NODE, "kill -9 of a node, which is started again when the others have noticed"),
    KILL_TWO(Subject.CLUSTER, "kill -9 of two nodes, which are started again after 12 s"),
    KILL_NODES(Subject.CLUSTER, "kill -9 of all nodes, which are started again"),
    KILL_REDIS(Subject.REDIS, "kill -9 of Redis, which is started again"),
    KILL_POSTGRES(Subject.POSTGRES, "kill -9 of PostgreSQL, which is started again"),
    KILL_ALL(Subject.CLUSTER, "kill -9 of all nodes and both stores, which are started again"),
    STOP_NODE(Subject.NODE, "a node hangs (SIGSTOP) for 4 to 8 s, longer than its lease"),
    STOP_REDIS(Subject.REDIS, "Redis hangs for 1 to 6 s"),
    STOP_POSTGRES(Subject.POSTGRES, "PostgreSQL hangs for 1 to 8 s"),
    TERM_NODES(Subject.CLUSTER, "all nodes, one after the other, drain (SIGTERM) and are started again"),
    CUT_PEERS(Subject.LINKS, "a node's connections to its peers are reset, new ones refused, for 1 to 8 s"),
    CUT_REDIS(Subject.LINKS, "the same between a node and Redis"),
    CUT_POSTGRES(Subject.LINKS, "the same between a node and PostgreSQL"),
    LOSE_PEERS(Subject.LINKS, "what a node and its peers say to each other does not arrive for 1 to 8 s"),
    LOSE_REDIS(Subject.LINKS, "the same between a node and Redis"),
    LOSE_POSTGRES(Subject.LINKS, "the same between a node and PostgreSQL"),
    LOSE_ALL(Subject.LINKS, "the same between a node and all of them"),
    MUTE_NODE(Subject.LINKS, "peers do not hear a node, which hears them, for 1 to 8 s"),
    DEAFEN_NODE(Subject.LINKS, "a node does not hear its peers, which hear it, for 1 to 8 s"),
    FLAP_PEERS(Subject.LINKS, "a node's links to its peers are cut and given back twice a second for 5 s"),
    SLOW_LINKS(Subject.LINKS, "all that a node sends and gets is 50 to 150 ms late for 5 s"),
    NARROW_PEERS(Subject.LINKS, "a node's links to its peers carry 64 KiB/s for 5 s"),
    FLUSH_REDIS(Subject.REDIS, "an operator's FLUSHALL: what waited in mailboxes is gone, and not counted as lost"),
    LOSE_PRIMARY(
            Subject.REDIS,
            "kill -9 of the primary Redis while its replica has been behind for 0 to 3 s, which then takes over"),
    FILL_REDIS(Subject.REDIS, "the files of Redis cannot grow for 3 to 6 s, as on a full disk"),
    FILL_POSTGRES(Subject.POSTGRES, "the same with PostgreSQL"),
    SHIFT_CLOCK(
            Subject.NODE, "a node is started again with its clock an hour ahead or behind, and 5 s later as it was");

    /** What a fault is done to: two with the same one do not go together, unless it is a node, of which there are several. */
    enum Subject {
        NODE,
        LINKS,
        REDIS,
        POSTGRES,
        CLUSTER
    }

    private final Subject subject;
    private final String meaning;

    Fault(Subject subject, String meaning) {
        this.subject = subject;
        this.meaning = meaning;
    }

    Subject subject() {
        return subject;
    }

    String meaning() {
        return meaning;
    }

    /** Makes no sense with a node alone. */
    boolean needsPeers() {
        return switch (this) {
            case KILL_TWO, CUT_PEERS, LOSE_PEERS, MUTE_NODE, DEAFEN_NODE, FLAP_PEERS, NARROW_PEERS -> true;
            default -> false;
        };
    }

    boolean needsFullDisk() {
        return this == FILL_REDIS || this == FILL_POSTGRES;
    }

    /** It is done to a Redis with a replica. */
    boolean needsReplica() {
        return this == LOSE_PRIMARY;
    }

    /** It is done to a Redis that is alone, or to a node's connections to that. */
    boolean needsRedisAlone() {
        return switch (this) {
            case KILL_REDIS,
                    KILL_ALL,
                    STOP_REDIS,
                    CUT_REDIS,
                    LOSE_REDIS,
                    LOSE_ALL,
                    SLOW_LINKS,
                    FLUSH_REDIS,
                    FILL_REDIS -> true;
            default -> false;
        };
    }

    /** How many processes it kills with kill -9. */
    int kills(int nodes) {
        return switch (this) {
            case KILL_NODE, KILL_REDIS, KILL_POSTGRES, LOSE_PRIMARY -> 1;
            case KILL_TWO -> Math.min(2, nodes);
            case KILL_NODES -> nodes;
            case KILL_ALL -> nodes + 2;
            default -> 0;
        };
    }

    boolean goesWith(Fault other) {
        boolean apart = subject != other.subject || subject == Subject.NODE;
        return apart && subject != Subject.CLUSTER && other.subject != Subject.CLUSTER;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
