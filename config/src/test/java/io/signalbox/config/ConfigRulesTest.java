package io.signalbox.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigRulesTest {
    /** Where the rules need a file that can be read. */
    @TempDir
    static Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "node.id=a",
                "node.id=eu-west.7",
                "gateway.host=localhost",
                "gateway.host=127.8.9.10",
                "gateway.host=::1",
                "gateway.allowed-origins=https://a.example,http://localhost:8080",
                "gateway.max-payload=768KiB",
                "gateway.max-frame=2MiB gateway.max-outbound=2MiB gateway.max-payload=1536KiB",
                "postgres.timeout=9s",
                "gateway.heartbeat=1s allocation.lease=2s",
                "cluster.host=10.0.0.1 cluster.plaintext=true",
                "cluster.members=node-1=10.0.0.1:4281,node-2=[::1]:4281",
                "registry.presence-time-to-live=46s",
                "allocation.backoff-initial=1m",
                "allocation.tenant-weights=ci=3,team/batch=999",
                "postgres.url=postgresql://db:5432/signalbox postgres.user=joe",
                "postgres.url=postgres://[::1]/signalbox postgres.user=joe",
                "redis.url=redis://cache:6379",
                "redis.url=rediss://cache",
                "redis.url=redis://a:26379,redis://b:26379 redis.mode=sentinel redis.sentinel-master=primary",
                "redis.url=rediss://a,rediss://b redis.mode=cluster"
            })
    void shouldAcceptWhenAllRulesHold(String settings) {
        assertThatCode(() -> load(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "node.id=",
                "node.id=a_b",
                "node.id=-a",
                "node.id=a/b",
                "gateway.host=",
                "gateway.host=0.0.0.0",
                "gateway.host=10.0.0.1",
                "gateway.host=::",
                "gateway.host=node.example.org",
                "gateway.host=localhost.example.org",
                "gateway.tls-certificate-file=/nowhere/certificate.pem gateway.tls-key-file=/nowhere/key.pem",
                "gateway.tls-key-file=/nowhere/key.pem",
                "gateway.allowed-origins=*",
                "gateway.allowed-origins=console.example.org",
                "gateway.allowed-origins=https://console.example.org/path",
                "gateway.allowed-origins=ws://console.example.org",
                "gateway.allowed-origins=https://ok.example,https://",
                "gateway.max-payload=769KiB",
                "gateway.max-outbound=512KiB",
                "identity.public-key-file=/nowhere/key.pem",
                "identity.issuer=",
                "identity.audience=",
                "bus.request-timeout=5s",
                "cluster.name=",
                "cluster.host=",
                "cluster.host=0.0.0.0",
                "cluster.host=node.example.org cluster.plaintext=false",
                "cluster.members=10.0.0.1:4281",
                "cluster.members=node-1=10.0.0.1:4281,node-2=10.0.0.2",
                "cluster.tls-certificate-file=/nowhere/certificate.pem",
                "cluster.tls-key-file=/nowhere/key.pem",
                "cluster.tls-authority-file=/nowhere/authority.pem",
                "cluster.max-waiting=1MiB gateway.max-frame=2MiB gateway.max-outbound=2MiB",
                "registry.presence-time-to-live=45s",
                "allocation.lease=29s",
                "allocation.tenant-weights=ci",
                "allocation.tenant-weights=ci=0",
                "allocation.backoff-max=500ms",
                "postgres.url=db",
                "postgres.url=mysql://db/signalbox",
                "postgres.url=postgresql://db",
                "postgres.url=postgresql://db/",
                "postgres.url=postgresql:///signalbox",
                "postgres.url=postgresql://joe:secret@db/signalbox",
                "postgres.url=postgresql://db/signalbox?sslmode=disable",
                "postgres.url=jdbc:postgresql://db/signalbox",
                "redis.url=cache:6379",
                "redis.url=http://cache",
                "redis.url=redis://:secret@cache",
                "redis.url=redis://a b",
                "redis.url=redis://a,b redis.mode=cluster",
                "redis.url=redis://a,rediss://b redis.mode=cluster",
                "redis.url=redis://a,redis://b",
                "redis.mode=cluster",
                "redis.mode=sentinel redis.sentinel-master=primary",
                "redis.sentinel-master= redis.url=redis://a redis.mode=sentinel",
                "redis.sentinel-master=primary redis.url=redis://a redis.mode=cluster",
                "redis.sentinel-master=primary"
            })
    void shouldRefuseTheKeyWhenARuleIsBroken(String setting) {
        List<ConfigProblem> problems = problems(setting);

        assertThat(problems).extracting(ConfigProblem::key).contains(setting.substring(0, setting.indexOf('=')));
        assertThat(problems)
                .allSatisfy(problem -> assertThat(problem.expected()).startsWith("expected "));
    }

    @Test
    void shouldNeedAUserWhenAnOutsideServerIsNamed() {
        assertThat(problems("postgres.url=postgresql://db/signalbox"))
                .extracting(ConfigProblem::key)
                .containsExactly("postgres.user");
    }

    @Test
    void shouldListenForPeersElsewhereWhenAllThatMutualTlsTakesIsThere() throws Exception {
        Path file = Files.writeString(directory.resolve("cluster.pem"), "a certificate");
        String pair =
                "cluster.host=0.0.0.0 cluster.tls-certificate-file=%1$s cluster.tls-key-file=%1$s".formatted(file);

        assertThatCode(() -> load(pair + " cluster.tls-authority-file=" + file)).doesNotThrowAnyException();
        assertThat(problems(pair)).extracting(ConfigProblem::key).containsExactly("cluster.tls-certificate-file");
    }

    @Test
    void shouldListenElsewhereWhenThereIsAKey() throws Exception {
        Path key = Files.writeString(directory.resolve("key.pem"), "a key");

        assertThatCode(() -> load("gateway.host=0.0.0.0 identity.public-key-file=" + key))
                .doesNotThrowAnyException();
    }

    @Test
    void shouldWantACertificateAndItsKeyOrNeither() throws Exception {
        Path file = Files.writeString(directory.resolve("tls.pem"), "any text, for it is looked at later");
        String certificate = "gateway.tls-certificate-file=" + file;
        String key = "gateway.tls-key-file=" + file;

        assertThatCode(() -> load(certificate + " " + key)).doesNotThrowAnyException();
        for (String alone : List.of(certificate, key)) {
            assertThat(problems(alone))
                    .extracting(ConfigProblem::key, ConfigProblem::expected)
                    .containsExactly(tuple(
                            "gateway.tls-certificate-file",
                            "expected a certificate together with gateway.tls-key-file, or neither"));
        }
    }

    @Test
    void shouldStayOnLoopbackWithoutAKeyForTokensThoughItSpeaksTls() throws Exception {
        Path file = Files.writeString(directory.resolve("tls-only.pem"), "any text");

        assertThat(problems(
                        "gateway.host=0.0.0.0 gateway.tls-certificate-file=" + file + " gateway.tls-key-file=" + file))
                .extracting(ConfigProblem::key)
                .containsExactly("gateway.host");
    }

    @Test
    void shouldBlameTheKeyWithItsDefaultWhenTheOtherOneWasChanged() {
        assertThat(problems("gateway.heartbeat=20s"))
                .extracting(ConfigProblem::key, ConfigProblem::source, ConfigProblem::value)
                .containsExactlyInAnyOrder(
                        tuple("allocation.lease", "default", "30s"),
                        tuple("registry.presence-time-to-live", "default", "60s"));
    }

    @Test
    void shouldConcludeNothingFromAValueThatIsRefusedAnyway() {
        assertThat(problems("gateway.max-frame=1KB gateway.max-payload=20MiB"))
                .extracting(ConfigProblem::key)
                .containsExactly("gateway.max-frame");
        assertThat(problems("gateway.max-frame=2KiB gateway.max-payload=1KB"))
                .extracting(ConfigProblem::key)
                .containsExactly("gateway.max-payload");
    }

    private static List<ConfigProblem> problems(String settings) {
        return catchThrowableOfType(ConfigException.class, () -> load(settings)).problems();
    }

    private static SignalboxConfig load(String settings) {
        Map<String, String> arguments = Arrays.stream(settings.split(" (?=[a-z]+\\.)"))
                .filter(setting -> !setting.isEmpty())
                .map(setting -> setting.split("=", 2))
                .collect(Collectors.toMap(setting -> setting[0], setting -> setting[1]));
        return ConfigLoader.load(Optional.empty(), Map.of(), arguments);
    }

    /** For each rule the last value that holds and the first that does not, around what the other key has. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gateway.max-payload            | 786432   | 786433   | gateway.max-frame=1MiB",
                "gateway.max-payload            | 1536     | 1537     | gateway.max-frame=2KiB gateway.max-outbound=4KiB",
                "gateway.max-payload            | 1536     | 1537     | gateway.max-frame=2051 gateway.max-outbound=4KiB",
                "gateway.max-outbound           | 1048576  | 1048575  | gateway.max-frame=1MiB",
                "bus.request-timeout            | 5001ms   | 5s       | postgres.timeout=5s",
                "registry.presence-time-to-live | 30001ms  | 30s      | gateway.heartbeat=10s",
                "allocation.lease               | 20s      | 19999ms  | gateway.heartbeat=10s",
                "allocation.backoff-max         | 2s       | 1999ms   | allocation.backoff-initial=2s"
            })
    void shouldDrawTheLineWhereTheRuleSays(String key, String last, String first, String other) {
        String smallPayload = key.equals("gateway.max-payload") ? "" : " gateway.max-payload=256";
        assertThatCode(() -> load(other + smallPayload + " " + key + "=" + last))
                .doesNotThrowAnyException();

        assertThat(problems(other + smallPayload + " " + key + "=" + first))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.key()).isEqualTo(key);
                    assertThat(problem.value()).isEqualTo(first);
                    assertThat(problem.source()).isEqualTo("argument");
                });
    }

    @ParameterizedTest
    @CsvSource({"63, true", "64, false", "1, true"})
    void shouldBoundTheLengthOfANodesName(int length, boolean allowed) {
        String settings = "node.id=" + "n".repeat(length);

        if (allowed) {
            assertThatCode(() -> load(settings)).doesNotThrowAnyException();
        } else {
            assertThat(problems(settings)).extracting(ConfigProblem::key).containsExactly("node.id");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1.example.org",
                "127.0.0",
                "x127.0.0.1",
                "1270.0.0.1",
                "localhost.",
                "::10",
                "0:0:0:0:0:0:0:10",
                "[::1]",
                "128.0.0.1",
                "LOCALHOST"
            })
    void shouldTakeNothingForLoopbackThatOnlyLooksLikeIt(String host) {
        assertThat(problems("gateway.host=" + host))
                .singleElement()
                .satisfies(problem -> assertThat(problem.toString())
                        .startsWith("gateway.host = \"" + host + "\" (argument): expected a loopback address")
                        .contains("identity.public-key-file"));
    }

    @Test
    void shouldNotOpenTheDoorForAKeyThatIsAFolder() {
        assertThat(problems("gateway.host=0.0.0.0 identity.public-key-file=" + directory))
                .extracting(ConfigProblem::key, ConfigProblem::expected)
                .containsExactly(tuple("identity.public-key-file", "expected a file that can be read"));
    }

    @Test
    void shouldSayOneThingOnlyOfAHostThatIsMissing() {
        assertThat(problems("gateway.host="))
                .extracting(ConfigProblem::expected)
                .containsExactly("expected a host name or address");
    }

    @ParameterizedTest
    @CsvSource({
        "postgres.url, postgresql://joe:hun/ter2@db/signalbox",
        "postgres.url, postgresql://db/signalbox?user=joe&password=hunter2",
        "postgres.url, joe:hunter2@db/signalbox",
        "redis.url, redis://:hunter2@cache",
        "gateway.allowed-origins, https://joe:hunter2@console.example.org"
    })
    void shouldRefuseAUrlWithAPasswordAndNotShowIt(String key, String url) {
        List<ConfigProblem> problems = problems("postgres.user=joe " + key + "=" + url);

        assertThat(problems).extracting(ConfigProblem::key).containsExactly(key);
        assertThat(problems.toString())
                .contains("******")
                .doesNotContain("hunter2")
                .doesNotContain("ter2");
    }

    @Test
    void shouldHaveRulesOfKeysThatThereAre() {
        ConfigSchema<SignalboxConfig> schema = ConfigSchema.of(SignalboxConfig.class);

        assertThat(ConfigRules.all()).allSatisfy(rule -> {
            assertThat(schema.key(rule.key())).as(rule.key()).isPresent();
            assertThat(rule.others())
                    .allSatisfy(other -> assertThat(schema.key(other)).as(other).isPresent());
            assertThat(rule.others()).doesNotContain(rule.key());
            assertThat(rule.expected()).doesNotEndWith(".");
        });
    }
}
