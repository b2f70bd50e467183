package io.signalbox.node.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** Says which build this is and what it runs on. */
final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("unpackaged");
        return new String[] {"signalbox " + version + " on Java " + Runtime.version()};
    }
}
