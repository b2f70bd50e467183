package io.signalbox.config;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Puts the configuration together and checks it before anything starts. Thread-safe. */
public final class ConfigLoader {
    private ConfigLoader() {}

    /**
     * The defaults, overridden by the file, that by the environment, that by the arguments.
     *
     * @param file YAML, sections of keys
     * @param environment all variables of the process; those that are none of ours are passed over
     * @param arguments values by key, such as {@code gateway.port} = {@code 0}
     * @throws ConfigException names everything that is wrong
     */
    public static SignalboxConfig load(
            Optional<Path> file, Map<String, String> environment, Map<String, String> arguments) {
        ConfigSchema<SignalboxConfig> schema = ConfigSchema.of(SignalboxConfig.class);
        WrittenValues written = new WrittenValues();
        file.ifPresent(path -> new YamlFile(path, schema, written).read());
        EnvironmentVariables.read(environment, schema, written);
        readArguments(arguments, schema, written);
        return load(schema, written);
    }

    private static void readArguments(Map<String, String> arguments, ConfigSchema<?> schema, WrittenValues written) {
        arguments.forEach((name, text) -> schema.key(name)
                .ifPresentOrElse(
                        key -> written.put(key, RawValue.of(text, "argument")),
                        () -> written.reject(
                                new ConfigProblem("", "argument", "", name + ": " + schema.unknown(name)))));
    }

    private static SignalboxConfig load(ConfigSchema<SignalboxConfig> schema, WrittenValues written) {
        Map<ConfigKey, Object> values = new LinkedHashMap<>();
        Set<String> unusable = new HashSet<>();
        for (ConfigKey key : schema.keys()) {
            RawValue value = written.get(key).orElseGet(key::defaultValue);
            Optional<?> parsed = key.type().parse(value);
            if (parsed.isEmpty()) {
                unusable.add(key.toString());
                written.reject(key.problem(value, key.type().expected()));
            }
            values.put(key, parsed.isPresent() ? parsed.get() : parsedDefault(key));
        }
        SignalboxConfig config = schema.build(values);
        ConfigRules.broken(config, unusable).forEach(broken -> {
            ConfigKey key = schema.key(broken.key()).orElseThrow();
            written.reject(key.problem(written.get(key).orElseGet(key::defaultValue), broken.expected()));
        });
        if (!written.problems().isEmpty()) {
            throw new ConfigException(List.copyOf(written.problems()));
        }
        return config;
    }

    private static Object parsedDefault(ConfigKey key) {
        return key.type()
                .parse(key.defaultValue())
                .orElseThrow(() -> new IllegalStateException("The default of " + key + " is not allowed"));
    }
}
