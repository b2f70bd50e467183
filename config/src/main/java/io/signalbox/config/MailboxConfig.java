package io.signalbox.config;

import java.time.Duration;

/** How durable messages wait for agents. Immutable, thread-safe. */
public record MailboxConfig(
        @Setting(
                value = "Messages that may wait for one agent; more are refused",
                defaultValue = "10000",
                min = 1,
                max = 10_000_000)
        int maxMessages,

        @Setting(
                value = "Bytes that may wait for one agent; more are refused",
                defaultValue = "16MiB",
                min = 1024,
                max = 1_073_741_824)
        ByteSize maxBytes,

        @Setting(
                value =
                        "Durable messages of this node's clients that may be on their way to the store; more are refused",
                defaultValue = "64MiB",
                min = 65_536,
                max = 1_073_741_824)
        ByteSize maxUnstored,

        @Setting(
                value =
                        "Messages handed to an agent that it may leave unacknowledged; the next ones wait in its mailbox",
                defaultValue = "256",
                min = 1,
                max = 100_000)
        int maxUnacknowledged,

        @Setting(
                value = "How long an agent may take to acknowledge a message before it is handed out again",
                defaultValue = "60s",
                min = 100,
                max = 86_400_000)
        Duration redeliverAfter,

        @Setting(
                value = "How often a message is handed out before it goes to the dead letters",
                defaultValue = "10",
                min = 1,
                max = 1000)
        int maxAttempts,

        @Setting(
                value = "Replicas of Redis that must have a message whose sender asked for it",
                defaultValue = "1",
                min = 1,
                max = 10)
        int replicas,

        @Setting(value = "How long dead letters are kept", defaultValue = "30d", min = 60_000, max = 31_536_000_000L)
        Duration deadLetterRetention) {}
