package io.signalbox.bus.mailbox;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * Redis keys of a mailbox and of its shard. They have the tag of the shard, not of the agent: one command may touch a
 * mailbox and the index in which it is found.
 *
 * @param name the agent, as it may stand in a key
 */
record MailboxKeys(String index, String name, String log, String claims, String urgent, String normal, String bulk) {
    /** Never to be changed: it says where every mailbox is. */
    static final int SHARDS = 256;

    private static final String ESCAPED = "%";

    static MailboxKeys of(String agent) {
        byte[] bytes = agent.getBytes(StandardCharsets.UTF_8);
        String name = isPlain(agent) ? agent : ESCAPED + HexFormat.of().formatHex(bytes);
        int shard = shard(bytes);
        String mailbox = tag(shard) + name;
        return new MailboxKeys(
                index(shard),
                name,
                mailbox + ":log",
                mailbox + ":claims",
                mailbox + ":urgent",
                mailbox + ":normal",
                mailbox + ":bulk");
    }

    private static int shard(byte[] agent) {
        CRC32 hash = new CRC32();
        hash.update(agent);
        return (int) (hash.getValue() % SHARDS);
    }

    private static String tag(int shard) {
        return "{mb" + shard + "}:";
    }

    /** In this sorted set are the mailboxes of the shard in which something waits. */
    static String index(int shard) {
        return tag(shard) + "index";
    }

    /** The agent's id is a user's text: what could be taken for something else is written in hexadecimal. */
    private static boolean isPlain(String agent) {
        return !agent.isEmpty()
                && agent.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "-._@".indexOf(c) >= 0));
    }

    /** The agent that has this {@link #name}. */
    static String agent(String name) {
        return name.startsWith(ESCAPED)
                ? new String(HexFormat.of().parseHex(name, 1, name.length()), StandardCharsets.UTF_8)
                : name;
    }
}
