package io.signalbox.node.cli;

import io.signalbox.gateway.identity.Ed25519Keys;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "keys",
        description = "Make the keys that sign and verify tokens, and the certificates of nodes.",
        subcommands = {KeysCommand.Generate.class, ClusterKeysCommand.class})
final class KeysCommand {
    static final String PRIVATE_FILE = "signalbox-private.pem";
    static final String PUBLIC_FILE = "signalbox-public.pem";

    @Command(
            name = "generate",
            description = {
                "Write a new pair of Ed25519 keys, " + PRIVATE_FILE + " and " + PUBLIC_FILE + ".",
                "",
                "Nodes get the public one (identity.public-key-file); `signalbox token issue` signs with the private one.",
                "Keys that are there already are never written over."
            })
    static final class Generate implements Callable<Integer> {
        @Option(names = "--directory", paramLabel = "DIR", description = "Where to; else here.")
        private Path directory = Path.of("");

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            Path privateFile = directory.resolve(PRIVATE_FILE);
            Path publicFile = directory.resolve(PUBLIC_FILE);
            KeyPair pair = Ed25519Keys.generate();
            try {
                if (Files.exists(publicFile)) {
                    throw new FileAlreadyExistsException(publicFile.toString());
                }
                Ed25519Keys.writePrivate(privateFile, pair.getPrivate());
                Ed25519Keys.writePublic(publicFile, pair.getPublic());
            } catch (FileAlreadyExistsException e) {
                throw new UsageException(e.getMessage() + " is there already; choose another --directory", e);
            } catch (IOException e) {
                throw new UsageException("The keys cannot be written: " + FileTrouble.reason(e), e);
            }
            PrintWriter out = spec.commandLine().getOut();
            out.println("Wrote " + privateFile + ": keep it secret, it can sign any token");
            out.println("Wrote " + publicFile + ": for nodes, identity.public-key-file=" + publicFile);
            out.flush();
            return ExitCode.OK;
        }
    }
}
