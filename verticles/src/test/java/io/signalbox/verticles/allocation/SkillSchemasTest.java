package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.signalbox.bus.service.ServiceClient;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SkillInfo;
import io.signalbox.verticles.allocation.TaskSpec.Demand;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SkillSchemasTest {
    private static final Demand DEMAND = new Demand("s", "");

    /** A registry that knows one skill. */
    private record FakeRegistry(Future<SkillInfo> answer) implements ServiceClient {
        @Override
        @SuppressWarnings("unchecked")
        public <T extends MessageLite> Future<T> call(
                String address, MessageLite request, Parser<T> parser, Duration timeout) {
            return (Future<T>) answer;
        }

        @Override
        public boolean tell(String address, MessageLite request) {
            return false;
        }
    }

    private static SkillSchemas declared(String schema) {
        SkillInfo info = SkillInfo.newBuilder()
                .setInputSchema(ByteString.copyFromUtf8(schema))
                .build();
        return new SkillSchemas(new FakeRegistry(Future.succeededFuture(info)), Duration.ofSeconds(1));
    }

    private static Optional<String> check(SkillSchemas schemas, String type, String input) throws Exception {
        return schemas.checkInput(DEMAND, type, ByteString.copyFromUtf8(input)).await(20, TimeUnit.SECONDS);
    }

    @Test
    void shouldNameThePlaceOfAFault() throws Exception {
        SkillSchemas schemas = declared("{\"properties\":{\"n\":{\"type\":\"integer\"}},\"required\":[\"n\"]}");

        assertThat(check(schemas, "", "{\"n\":1}")).isEmpty();
        assertThat(check(schemas, "application/json", "{\"n\":\"x\"}").orElseThrow())
                .startsWith("/n: ");
        assertThat(check(schemas, "", "{}").orElseThrow()).contains("'n'").doesNotStartWith(":");
        assertThat(check(schemas, "", "{").orElseThrow()).startsWith("not JSON");
        assertThat(check(schemas, "image/png", "x").orElseThrow()).contains("image/png");
    }

    @Test
    void shouldTakeAnythingWhenNoSchemaIsDeclared() throws Exception {
        SkillSchemas unknown = new SkillSchemas(
                new FakeRegistry(Future.failedFuture(new ServiceException(Code.NOT_FOUND, "no such skill"))),
                Duration.ofSeconds(1));

        assertThat(check(unknown, "image/png", "x")).isEmpty();
        assertThat(check(declared(""), "", "{")).isEmpty();
    }

    /** A schema is somebody's text: it must not make the node ask anywhere. */
    @Test
    void shouldNotFollowAReferenceToAnywhere() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(500);
            String elsewhere = "http://127.0.0.1:" + server.getLocalPort() + "/schema.json";
            for (String reference : new String[] {elsewhere, "file:///etc/hostname"}) {
                SkillSchemas schemas = declared("{\"$ref\":\"" + reference + "\"}");

                Throwable failure = catchThrowable(() -> check(schemas, "", "1"));

                assertThat(failure).as(reference).isInstanceOf(ServiceException.class);
                assertThat(((ServiceException) failure).code()).isEqualTo(Code.SCHEMA_INVALID);
            }
            assertThat(catchThrowable(() -> accept(server))).isInstanceOf(SocketTimeoutException.class);
        }
    }

    private static void accept(ServerSocket server) throws IOException {
        server.accept().close();
    }

    /** A registry whose answers come when the test says. */
    private static final class SlowRegistry implements ServiceClient {
        private final ArrayDeque<Promise<SkillInfo>> asked = new ArrayDeque<>();

        @Override
        @SuppressWarnings("unchecked")
        public <T extends MessageLite> Future<T> call(
                String address, MessageLite request, Parser<T> parser, Duration timeout) {
            Promise<SkillInfo> answer = Promise.promise();
            asked.add(answer);
            return (Future<T>) answer.future();
        }

        @Override
        public boolean tell(String address, MessageLite request) {
            return false;
        }

        void answer(String type) {
            asked.remove()
                    .complete(SkillInfo.newBuilder()
                            .setInputSchema(ByteString.copyFromUtf8("{\"type\":\"" + type + "\"}"))
                            .build());
        }
    }

    private final SlowRegistry registry = new SlowRegistry();
    private final SkillSchemas slow = new SkillSchemas(registry, Duration.ofSeconds(1));

    private Future<Optional<String>> checkSlowly(Demand demand) {
        return slow.checkInput(demand, "", ByteString.copyFromUtf8("1"));
    }

    @Test
    void shouldAskTheRegistryOnceForEachDemand() {
        checkSlowly(DEMAND);
        registry.answer("integer");

        assertThat(checkSlowly(DEMAND).result()).isEmpty();
        assertThat(registry.asked).isEmpty();
        checkSlowly(new Demand("s", "^2"));
        assertThat(registry.asked).hasSize(1);
    }

    @Test
    void shouldAskAgainOnceSomethingWasPublished() {
        checkSlowly(DEMAND);
        registry.answer("integer");

        slow.forget();
        Future<Optional<String>> second = checkSlowly(DEMAND);
        registry.answer("string");

        assertThat(second.result()).isPresent();
    }

    @Test
    void shouldNotKeepAnAnswerThatIsOlderThanWhatWasPublished() {
        Future<Optional<String>> before = checkSlowly(DEMAND);
        slow.forget();
        registry.answer("integer");
        assertThat(before.result()).isEmpty();

        Future<Optional<String>> after = checkSlowly(DEMAND);
        registry.answer("string");

        assertThat(after.result()).isPresent();
    }

    @Test
    void shouldAskAgainForASkillThatWasUnknownOrCouldNotBeAsked() {
        checkSlowly(DEMAND);
        registry.asked.remove().fail(new ServiceException(Code.NOT_FOUND, "no such skill"));
        Future<Optional<String>> second = checkSlowly(DEMAND);
        registry.asked.remove().fail(new ServiceException(Code.TIMEOUT, "no answer"));
        assertThat(second.failed()).isTrue();

        checkSlowly(DEMAND);

        assertThat(registry.asked).hasSize(1);
    }

    @Test
    void shouldForgetTheDemandThatWasNotUsedForLongest() {
        checkSlowly(DEMAND);
        registry.answer("integer");
        for (int i = 1; i <= 1000; i++) {
            checkSlowly(new Demand("s" + i, ""));
            registry.answer("integer");
            if (i == 500) {
                checkSlowly(new Demand("s1", ""));
            }
        }

        checkSlowly(new Demand("s1", ""));
        assertThat(registry.asked).isEmpty();
        checkSlowly(DEMAND);
        assertThat(registry.asked).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "'', true",
        "application/json, true",
        "Application/JSON; charset=utf-8, true",
        "application/problem+json, true",
        "text/plain, false",
        "image/png, false"
    })
    void shouldKnowJsonByItsType(String type, boolean json) {
        assertThat(SkillSchemas.isJson(type)).isEqualTo(json);
    }

    @Test
    void shouldNameFiveFaultsAndNoMore() throws Exception {
        SkillSchemas schemas = declared("{\"items\":{\"type\":\"integer\"}}");

        String faults = check(schemas, "", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"]")
                .orElseThrow();

        assertThat(faults.split("; ")).hasSize(5);
        assertThat(faults).contains("/0: ").contains("/4: ").doesNotContain("/5: ");
    }

    @Test
    void shouldCheckOutputsByTheSchemaOfOutputs() throws Exception {
        SkillSchemas schemas = declared("{\"type\":\"integer\"}");

        assertThat(schemas.checkOutput(DEMAND, "", ByteString.copyFromUtf8("\"x\""))
                        .await(20, TimeUnit.SECONDS))
                .isEmpty();
    }
}
