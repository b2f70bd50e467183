package io.signalbox.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Documents one component of a configuration record and gives its default. The key is the component's name in kebab-case. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
    /** Meaning, range, meaning of zero or empty. */
    String value();

    /** In the notation of the file; empty for an empty text or Optional. */
    String defaultValue() default "";

    /** An environment variable that sets this key besides the systematic one. */
    String environment() default "";

    /** Smallest allowed number, bytes or milliseconds. */
    long min() default Long.MIN_VALUE;

    /** Largest allowed number, bytes or milliseconds. */
    long max() default Long.MAX_VALUE;
}
