package io.signalbox.bus.redis;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A library of functions that run inside Redis. Immutable. */
record FunctionLibrary(String name, String code) {
    private static final Pattern HEAD = Pattern.compile("#!lua name=(\\w+)\\s");

    /** @throws IllegalArgumentException when it does not begin as a library must */
    static FunctionLibrary of(String code) {
        Matcher head = HEAD.matcher(code);
        if (!head.lookingAt()) {
            throw new IllegalArgumentException("A function library begins with #!lua name=...: "
                    + code.lines().findFirst().orElse(""));
        }
        return new FunctionLibrary(head.group(1), code);
    }
}
