package io.signalbox.config;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One thing that can be configured: component {@code maxFrame} of section {@code gateway}, for example. Immutable. */
record ConfigKey(String section, RecordComponent component, Setting setting, SettingType<?> type) {
    private static final String PREFIX = "SIGNALBOX_";

    /** Up to the last {@code @}, for a password that was not encoded may hold anything. */
    private static final Pattern CREDENTIALS = Pattern.compile("(?s)^([A-Za-z][A-Za-z0-9+.-]*://)?.*@");

    /** Drivers of databases take passwords there too. */
    private static final Pattern QUERY = Pattern.compile("(?s)\\?.*");

    static ConfigKey of(String section, RecordComponent component) {
        Setting setting = Optional.ofNullable(component.getAnnotation(Setting.class))
                .orElseThrow(() -> new IllegalStateException(component + " of " + section + " lacks @Setting"));
        return new ConfigKey(section, component, setting, SettingType.of(component.getGenericType(), setting));
    }

    /** In kebab-case, without the section. */
    String name() {
        return kebab(component.getName());
    }

    /** With the section, such as {@code gateway.max-frame}. */
    @Override
    public String toString() {
        return section + "." + name();
    }

    /** The first one that is set wins. */
    List<String> environmentVariables() {
        String systematic = environmentPrefix(section) + environmentForm(name());
        return Stream.of(systematic, setting.environment())
                .filter(variable -> !variable.isEmpty())
                .toList();
    }

    boolean isSecret() {
        return component.getType() == Secret.class;
    }

    RawValue defaultValue() {
        return RawValue.of(setting.defaultValue(), "default");
    }

    /** What may be shown of a value of this key: no secret, and no password that somebody put into a URL. */
    String shown(RawValue value) {
        if (isSecret()) {
            return new Secret(value.text()).toString();
        }
        String withoutCredentials = CREDENTIALS.matcher(value.text()).replaceFirst("$1******@");
        return QUERY.matcher(withoutCredentials).replaceFirst("?******");
    }

    ConfigProblem problem(RawValue value, String expected) {
        return new ConfigProblem(toString(), value.source(), shown(value), "expected " + expected);
    }

    /** What the systematic variables of a section begin with. */
    static String environmentPrefix(String section) {
        return PREFIX + environmentForm(section) + "_";
    }

    static String kebab(String camel) {
        return camel.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }

    private static String environmentForm(String kebab) {
        return kebab.replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
