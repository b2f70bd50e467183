package io.signalbox.bus.retained;

import io.signalbox.bus.AddressPattern;
import java.util.Optional;
import java.util.Set;

/** Where messages can be retained: at addresses that belong to clients, and that mean something to more than one of them. */
public final class RetainedAddresses {
    /** First levels that are mailboxes, or where a message is for one of many, or where only nodes speak. */
    private static final Set<String> NEVER = Set.of("agent", "skill", "task", "node", "lock");

    private RetainedAddresses() {}

    public static boolean mayBeRetained(String address) {
        return !address.startsWith("$") && !NEVER.contains(firstLevel(address));
    }

    /** False: nothing that the pattern matches is ever retained, and nobody need be asked. */
    public static boolean mayMatch(AddressPattern pattern) {
        return mayBeRetained(pattern.text());
    }

    /** What every address that the pattern matches begins with, but for its {@link #parent}. */
    static String literalPrefix(AddressPattern pattern) {
        String text = pattern.text();
        int from = 0;
        for (String level : pattern.levels()) {
            if (level.equals("+") || level.equals("#")) {
                return text.substring(0, from);
            }
            from += level.length() + 1;
        }
        return text;
    }

    /** Of {@code news/#} it is {@code news}, which the pattern matches too. */
    static Optional<String> parent(AddressPattern pattern) {
        String prefix = literalPrefix(pattern);
        return pattern.text().equals(prefix + "#") && !prefix.isEmpty()
                ? Optional.of(prefix.substring(0, prefix.length() - 1))
                : Optional.empty();
    }

    private static String firstLevel(String address) {
        int slash = address.indexOf('/');
        return slash < 0 ? address : address.substring(0, slash);
    }
}
