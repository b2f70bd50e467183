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
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

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
}
