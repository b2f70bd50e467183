package io.signalbox.node.supervisor;

import io.signalbox.config.PostgresConfig;
import io.signalbox.config.RedisConfig;
import io.signalbox.config.Secret;
import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.NodeStores;
import io.signalbox.node.process.NodeProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a node's process is started. Passwords go into its environment: everybody on the machine can read arguments.
 * Immutable.
 *
 * @param arguments program and arguments
 * @param environment besides the supervisor's own
 */
record NodeCommand(List<String> arguments, Map<String, String> environment) {
    /** Set by the script: what the JVM of a node gets, while the supervisor's own is kept small. */
    private static final String JVM_OPTIONS = "signalbox.node-jvm-options";

    private static final List<String> SECRETS =
            List.of("postgres.password", "redis.password", "redis.sentinel-password");

    NodeCommand {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    /**
     * @param file that the operator named
     * @param given that the operator set by arguments
     */
    static NodeCommand of(
            NodePlan plan,
            SignalboxConfig config,
            Optional<Path> file,
            Map<String, String> given,
            NodeStores.Addresses stores,
            MachineShare share) {
        Map<String, String> settings = new LinkedHashMap<>(given);
        settings.putAll(plan.settings(config.node(), share));
        settings.putAll(stores(stores));
        settings.keySet().removeAll(SECRETS);
        List<String> arguments = new ArrayList<>(NodeProcess.program(jvmOptions(share)));
        arguments.add("--supervised");
        file.ifPresent(path -> arguments.addAll(List.of("--config", path.toString())));
        settings.forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        return new NodeCommand(arguments, passwords(stores));
    }

    private static Map<String, String> stores(NodeStores.Addresses stores) {
        return Map.of(
                "postgres.url", stores.postgres().url(),
                "postgres.user", stores.postgres().user(),
                "redis.url", String.join(",", stores.redis().url()));
    }

    private static Map<String, String> passwords(NodeStores.Addresses stores) {
        PostgresConfig postgres = stores.postgres();
        RedisConfig redis = stores.redis();
        Map<String, String> passwords = new LinkedHashMap<>();
        putUnlessEmpty(passwords, "SIGNALBOX_POSTGRES_PASSWORD", postgres.password());
        putUnlessEmpty(passwords, "SIGNALBOX_REDIS_PASSWORD", redis.password());
        putUnlessEmpty(passwords, "SIGNALBOX_REDIS_SENTINEL_PASSWORD", redis.sentinelPassword());
        return passwords;
    }

    private static void putUnlessEmpty(Map<String, String> passwords, String variable, Secret password) {
        if (!password.reveal().isEmpty()) {
            passwords.put(variable, password.reveal());
        }
    }

    private static List<String> jvmOptions(MachineShare share) {
        List<String> options = new ArrayList<>(share.jvmOptions());
        Optional.ofNullable(System.getProperty(JVM_OPTIONS))
                .map(text -> Arrays.stream(text.strip().split("\\s+")).toList())
                .ifPresentOrElse(options::addAll, () -> options.addAll(NodeProcess.jvmSettings()));
        return options;
    }

    ProcessBuilder builder() {
        ProcessBuilder builder = new ProcessBuilder(arguments).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return builder;
    }

    @Override
    public String toString() {
        return "NodeCommand" + arguments; // the environment holds secrets
    }
}
