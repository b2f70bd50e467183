package io.signalbox.verticles.registry;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import java.util.regex.Pattern;
import org.semver4j.Semver;
import org.semver4j.range.RangeList;
import org.semver4j.range.RangeListFactory;

/** Versions and ranges as clients write them. */
final class SkillRange {
    private static final String DEFAULT_VERSION = "1.0.0";
    private static final int MAX_RANGE = 200;
    private static final int MAX_VERSION = 100;

    /** Versions are compared by numbers of 64 bits: longer ones pass as versions and fail when they are compared. */
    private static final Pattern TOO_BIG = Pattern.compile("[0-9]{19}");

    private SkillRange() {}

    /** @param text npm style, {@code ^1.2}; empty: any */
    static RangeList parse(String text) {
        if (text.length() > MAX_RANGE || TOO_BIG.matcher(text).find()) {
            throw invalid(text);
        }
        try {
            RangeList range = RangeListFactory.create(text.isEmpty() ? "*" : text);
            if (range.get().isEmpty()) {
                throw invalid(text);
            }
            return range;
        } catch (RuntimeException e) {
            throw invalid(text);
        }
    }

    private static ServiceException invalid(String text) {
        return new ServiceException(
                Code.INVALID_ARGUMENT, "'" + text + "' is not a range of versions such as ^1.2 or >=1.0.0 <3");
    }

    /** @param text semantic version; empty: 1.0.0 */
    static Semver version(String text) {
        boolean fits = text.length() <= MAX_VERSION && !TOO_BIG.matcher(text).find();
        Semver version = Semver.parse(text.isEmpty() ? DEFAULT_VERSION : text);
        if (!fits || version == null) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "'" + text + "' is not a semantic version such as 1.2.0");
        }
        return version;
    }
}
