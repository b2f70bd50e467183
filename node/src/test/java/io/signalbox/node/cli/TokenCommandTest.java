package io.signalbox.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.config.IdentityConfig;
import io.signalbox.gateway.identity.Ed25519Keys;
import io.signalbox.gateway.identity.Identity;
import io.signalbox.gateway.identity.JwtAuthenticator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {
    @TempDir
    Path directory;

    @BeforeEach
    void generateKeys() {
        CommandRun run = CommandRun.of("keys", "generate", "--directory", directory.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    private Path privateKey() {
        return directory.resolve(KeysCommand.PRIVATE_FILE);
    }

    private CommandRun issue(String... more) {
        String[] arguments = new String[more.length + 4];
        System.arraycopy(new String[] {"token", "issue", "--key", privateKey().toString()}, 0, arguments, 0, 4);
        System.arraycopy(more, 0, arguments, 4, more.length);
        return CommandRun.of(arguments);
    }

    private Identity verify(String token) throws Exception {
        IdentityConfig config = new IdentityConfig(Optional.empty(), "signalbox", "signalbox", Duration.ZERO);
        return new JwtAuthenticator(
                        Ed25519Keys.readPublic(directory.resolve(KeysCommand.PUBLIC_FILE)),
                        config,
                        InstantSource.system())
                .authenticate(token);
    }

    @Test
    void shouldIssueATokenThatNodesTake() throws Exception {
        CommandRun run =
                issue("ci", "--role", "agent,read", "--agent", "bot-*", "--publish", "chat/#", "--valid", "1h");

        Identity identity = verify(run.out().strip());

        assertThat(identity.subject()).isEqualTo("ci");
        assertThat(identity.roles()).containsExactlyInAnyOrder(Identity.Role.AGENT, Identity.Role.READ);
        assertThat(identity.mayActAs("bot-7")).isTrue();
        assertThat(identity.mayActAs("other")).isFalse();
        assertThat(identity.mayPublish("chat/x")).isTrue();
        assertThat(identity.expires().orElseThrow())
                .isBetween(Instant.now().plusSeconds(3_000), Instant.now().plusSeconds(3_601));
    }

    @Test
    void shouldKeepThePrivateKeyFromOthers() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(privateKey())))
                .isEqualTo("rw-------");
    }

    @Test
    void shouldNeverWriteOverAKey() throws Exception {
        String before = Files.readString(privateKey());

        CommandRun run = CommandRun.of("keys", "generate", "--directory", directory.toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("is there already");
        assertThat(privateKey()).hasContent(before);
    }

    @Test
    void shouldRefuseAnAgentsTokenThatNamesNoAgent() {
        CommandRun run = issue("bots", "--role", "agent");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--role agent needs --agent");
    }

    @Test
    void shouldSayWhatIsWrongWithAnOption() {
        assertThat(issue("a", "--role", "king").err()).contains("'king'");
        assertThat(issue("a", "--role", "read", "--valid", "soon").err()).contains("--valid \"soon\"");
        assertThat(issue("a", "--role", "read", "--publish", "a/#/b").err()).contains("--publish \"a/#/b\"");
    }

    @Test
    void shouldSayHowToGetAKeyWhenThereIsNone() {
        CommandRun run = CommandRun.of("token", "issue", "a", "--role", "read", "--key", directory + "/none.pem");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("none.pem does not exist", "signalbox keys generate");
    }
}
