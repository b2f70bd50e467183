package io.signalbox.node.cli;

import io.signalbox.bus.AddressPattern;
import io.signalbox.config.IdentityConfig;
import io.signalbox.gateway.identity.Ed25519Keys;
import io.signalbox.gateway.identity.Identity.Role;
import io.signalbox.gateway.identity.TokenIssuer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "token",
        description = "Issue tokens that tell nodes who a client is and what it may do.",
        subcommands = TokenCommand.Issue.class)
final class TokenCommand {
    @Command(
            name = "issue",
            description = {
                "Sign a token and print it.",
                "",
                "It allows what is named here and nothing else. Issuer and audience are the configuration's.",
                "",
                "  signalbox token issue ci-pipeline --role submit --role read --valid 1h",
                "  signalbox token issue reviewers --role agent --agent 'reviewer-*'"
            })
    static final class Issue implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "SUBJECT", description = "Who the token is for.")
        private String subject;

        @Option(
                names = "--key",
                paramLabel = "FILE",
                defaultValue = KeysCommand.PRIVATE_FILE,
                description = "The private key; else ${DEFAULT-VALUE}.")
        private Path key;

        @Option(
                names = "--role",
                required = true,
                split = ",",
                paramLabel = "ROLE",
                description = "What it may do, one or more of ${COMPLETION-CANDIDATES}.")
        private Set<Role> roles;

        @Option(
                names = "--agent",
                split = ",",
                paramLabel = "ID",
                description = "Agents it may connect as; a * at the end stands for anything.")
        private List<String> agents = List.of();

        @Option(
                names = "--publish",
                split = ",",
                paramLabel = "PATTERN",
                description = "Addresses it may publish to: chat/#, agent/+.")
        private List<String> publish = List.of();

        @Option(
                names = "--subscribe",
                split = ",",
                paramLabel = "PATTERN",
                description = "Addresses it may subscribe to, besides the inboxes of its agents.")
        private List<String> subscribe = List.of();

        @Option(
                names = "--valid",
                paramLabel = "DURATION",
                defaultValue = "24h",
                description = "How long: 30m, 24h, 720h; else ${DEFAULT-VALUE}.")
        private String valid;

        @Mixin
        private ConfigOptions configuration;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            publish.forEach(pattern -> check("--publish", pattern));
            subscribe.forEach(pattern -> check("--subscribe", pattern));
            if (roles.contains(Role.AGENT) && agents.isEmpty()) {
                throw new UsageException("--role agent needs --agent: the ids that it may connect as");
            }
            IdentityConfig identity = configuration.load().identity();
            TokenIssuer issuer = new TokenIssuer(privateKey(), identity.issuer(), identity.audience());
            TokenIssuer.Grant grant = new TokenIssuer.Grant(subject, agents, publish, subscribe, roles);
            PrintWriter out = spec.commandLine().getOut();
            out.println(issuer.issue(grant, lifetime(), Instant.now()));
            out.flush();
            return ExitCode.OK;
        }

        private static void check(String option, String pattern) {
            try {
                new AddressPattern(pattern);
            } catch (IllegalArgumentException e) {
                throw new UsageException(option + " \"" + pattern + "\": " + e.getMessage(), e);
            }
        }

        private PrivateKey privateKey() {
            try {
                return Ed25519Keys.readPrivate(key);
            } catch (IOException e) {
                throw new UsageException(
                        "--key: " + FileTrouble.reason(e) + "; `signalbox keys generate` makes a pair", e);
            }
        }

        private Duration lifetime() {
            try {
                Duration lifetime = Duration.parse("PT" + valid);
                if (lifetime.isPositive()) {
                    return lifetime;
                }
            } catch (DateTimeParseException e) {
                throw new UsageException("--valid \"" + valid + "\": expected a duration such as 30m or 24h", e);
            }
            throw new UsageException("--valid \"" + valid + "\": expected more than nothing");
        }
    }
}
