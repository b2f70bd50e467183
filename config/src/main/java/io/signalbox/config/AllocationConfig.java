package io.signalbox.config;

import java.time.Duration;
import java.util.List;

/** How tasks are kept, shared out, leased and tried again. Immutable, thread-safe. */
public record AllocationConfig(
        @Setting(
                value = "Tasks that may wait or be under way; more are refused with 503",
                defaultValue = "1000000",
                min = 1,
                max = 100_000_000)
        int maxOpenTasks,

        @Setting(
                value = "An assignment not renewed for this long is lost",
                defaultValue = "30s",
                min = 500,
                max = 3_600_000)
        Duration lease,

        @Setting(
                value = "After a restart: how long agents have to come back and claim what they hold",
                defaultValue = "15s",
                min = 0,
                max = 3_600_000)
        Duration reattachGrace,

        @Setting(value = "Attempts of a task that names none", defaultValue = "3", min = 1, max = 100)
        int maxAttempts,

        @Setting(
                value = "Wait before the second attempt; doubles with each further one",
                defaultValue = "1s",
                min = 0,
                max = 3_600_000)
        Duration backoffInitial,

        @Setting(value = "Longest wait between attempts", defaultValue = "1m", min = 0, max = 86_400_000)
        Duration backoffMax,

        @Setting(
                value = "Head start that one step of priority gives, so that low priority is late but never starved",
                defaultValue = "10s",
                min = 1,
                max = 3_600_000)
        Duration priorityStep,

        @Setting(
                value = "Shares of tenants where they compete, such as ci=3,batch=1; a tenant not named has 1",
                defaultValue = "")
        List<String> tenantWeights,

        @Setting(value = "Rows in one write to PostgreSQL", defaultValue = "500", min = 1, max = 10_000)
        int batchSize) {
    public AllocationConfig {
        tenantWeights = List.copyOf(tenantWeights);
    }
}
