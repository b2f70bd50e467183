package io.signalbox.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Reads keys from environment variables. An empty variable counts as not set, for Compose files hand on variables that
 * way.
 */
final class EnvironmentVariables {
    /** Kubernetes sets these for a service whose name begins with {@code signalbox-}. */
    private static final Pattern KUBERNETES =
            Pattern.compile(".*_SERVICE_(HOST|PORT|PORT_.*)|.*_PORT_\\d+_(TCP|UDP)(_.*)?");

    /** And this to {@code SIGNALBOX_GATEWAY_PORT} for a service {@code signalbox-gateway}, which is no port. */
    private static final Pattern KUBERNETES_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

    private EnvironmentVariables() {}

    static void read(Map<String, String> environment, ConfigSchema<?> schema, WrittenValues written) {
        for (ConfigKey key : schema.keys()) {
            key.environmentVariables().stream()
                    .filter(variable -> isSet(variable, environment.getOrDefault(variable, "")))
                    .findFirst()
                    .ifPresent(variable -> written.put(key, RawValue.of(environment.get(variable), source(variable))));
        }
        rejectUnknown(environment, schema, written);
    }

    private static boolean isSet(String variable, String value) {
        return !value.isEmpty() && !isServiceAddress(variable, value);
    }

    private static boolean isServiceAddress(String variable, String value) {
        return variable.endsWith("_PORT") && KUBERNETES_ADDRESS.matcher(value).matches();
    }

    /** A mistyped variable must not go unnoticed; those of other sections belong to other programs. */
    private static void rejectUnknown(Map<String, String> environment, ConfigSchema<?> schema, WrittenValues written) {
        List<String> known = schema.keys().stream()
                .flatMap(key -> key.environmentVariables().stream())
                .toList();
        List<String> prefixes = schema.sections().keySet().stream()
                .map(ConfigKey::environmentPrefix)
                .toList();
        for (String variable : new TreeSet<>(environment.keySet())) {
            Optional<String> section =
                    prefixes.stream().filter(variable::startsWith).findFirst();
            if (section.isPresent()
                    && !known.contains(variable)
                    && !KUBERNETES.matcher(variable).matches()
                    && !isServiceAddress(variable, environment.get(variable))) {
                written.reject(new ConfigProblem(
                        "", source(variable), "", "sets no key" + Suggestion.didYouMean(variable, known)));
            }
        }
    }

    private static String source(String variable) {
        return "environment variable " + variable;
    }
}
