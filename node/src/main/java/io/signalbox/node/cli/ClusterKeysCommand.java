package io.signalbox.node.cli;

import io.signalbox.node.certificates.ClusterAuthority;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "cluster",
        description = {
            "Write a certificate and a key for each node of a cluster, and the authority that signs them.",
            "",
            "Nodes show them to each other (cluster.tls-certificate-file, cluster.tls-key-file, cluster.tls-authority-file)."
                    + " Whoever has one is a node, under whatever name. The authority's key makes more of them: keep it away"
                    + " from the nodes. Run it again in the same folder for further nodes. What is there already is never"
                    + " written over.",
            "",
            "  signalbox keys cluster --directory cluster-keys node-1 node-2 node-3"
        })
final class ClusterKeysCommand implements Callable<Integer> {
    /** As node.id. */
    private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,62}");

    private static final Range DAYS = new Range(1, 3650);

    @Option(names = "--directory", paramLabel = "DIR", description = "Where to; else here.")
    private Path directory = Path.of("");

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "730",
            description = "How long the nodes' certificates are valid, 1 to 3650; else ${DEFAULT-VALUE}.")
    private int days;

    @Parameters(arity = "1..*", paramLabel = "NODE", description = "The nodes' ids.")
    private List<String> nodes = List.of();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        DAYS.check("--days", days);
        ClusterAuthority authority = new ClusterAuthority(directory);
        check(authority);
        PrintWriter out = spec.commandLine().getOut();
        try {
            if (authority.issue(nodes, days)) {
                out.println("Wrote " + authority.keyFile() + ": keep it secret, it can make anybody a node");
                out.println("Wrote " + authority.certificateFile()
                        + ": for all nodes, cluster.tls-authority-file; valid for 10 years");
            }
        } catch (FileAlreadyExistsException e) {
            throw new UsageException(e.getMessage() + " is there already; nothing was written", e);
        } catch (IOException e) {
            throw new UsageException("The certificates cannot be made: " + FileTrouble.reason(e), e);
        }
        for (String node : nodes) {
            out.println("Wrote " + authority.certificateFile(node) + " and " + authority.keyFile(node) + ": for " + node
                    + ", valid for " + days + " days");
        }
        out.flush();
        return ExitCode.OK;
    }

    /** Before anything is written: names that are none, and those that would need the same file. */
    private void check(ClusterAuthority authority) {
        List<Path> files = new ArrayList<>(List.of(authority.certificateFile(), authority.keyFile()));
        for (String node : nodes) {
            if (!NODE_ID.matcher(node).matches()) {
                throw new UsageException(
                        "\"" + node
                                + "\" is no node.id: 1 to 63 letters, digits, dots and dashes, beginning with a letter or digit");
            }
            files.addAll(List.of(authority.certificateFile(node), authority.keyFile(node)));
        }
        HashSet<Path> seen = new HashSet<>();
        files.stream().filter(file -> !seen.add(file)).findFirst().ifPresent(twice -> {
            throw new UsageException(twice + " would be written twice; choose other names");
        });
    }
}
