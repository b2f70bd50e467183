package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.signalbox.codecs.Code;
import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.SignalboxClient;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More clients connect at once than the node lets in. */
@Timeout(60)
final class ConnectStormSystemTest {
    private static RunningNode node;
    private static Http http;

    @BeforeAll
    static void start() {
        node = RunningNode.start(Map.of("gateway.max-connects-per-second", "2"));
        http = new Http(node.url());
    }

    @AfterAll
    static void stop() {
        http.close();
        node.close();
    }

    /** Within the five seconds' worth of turns that a node gives ahead. */
    @Test
    void shouldLetClientsInOnTheConnectionThatTheyHaveOneAfterTheOther() throws Exception {
        List<AgentSocket> sockets = new ArrayList<>();
        try (RunningNode own = RunningNode.start(Map.of("gateway.max-connects-per-second", "2"));
                Http ofOwn = new Http(own.url())) {
            for (int i = 0; i < 6; i++) {
                AgentSocket socket = AgentSocket.connect(own);
                sockets.add(socket);
                socket.send("{'ref':7,'hello':{}}");
                socket.send("[{'ref':8,'subscribe':{'pattern':'storm/a'}},{'ref':9,'ping':{}}]");
            }

            for (AgentSocket socket : sockets) {
                JsonNode welcome =
                        socket.await("an answer", entry -> entry.path("ref").asInt() == 7);
                assertThat(welcome.has("welcome")).as("%s", welcome).isTrue();
                socket.await(
                        "what came behind the Hello", entry -> entry.path("ref").asInt() == 8);
                socket.await("what came behind that", entry -> entry.path("ref").asInt() == 9);
            }
            assertThat(counted(ofOwn, "signalbox_gateway_held_total")).isPositive();
        } finally {
            sockets.forEach(AgentSocket::close);
        }
    }

    @Test
    void shouldTellAClientThatIsOneTooManyWhenToComeAgain() throws Exception {
        List<AgentSocket> sockets = new ArrayList<>();
        try {
            // Two at once, ten turns within five seconds, and some that pass while these connect.
            for (int i = 0; i < 20; i++) {
                AgentSocket socket = AgentSocket.connect(node);
                sockets.add(socket);
                socket.send("{'ref':7,'hello':{'token':'not even looked at'}}");
            }
            JsonNode answer = sockets.getLast()
                    .await("an answer", entry -> entry.path("ref").asInt() == 7);

            assertThat(answer.path("error").path("code").asInt()).isEqualTo(Code.OVERLOADED.number());
            assertThat(answer.path("error").path("retryAfterMs").asInt()).isBetween(250, 150_000);
            assertThat(sockets.getLast().closeCode()).isEqualTo(1013);
        } finally {
            sockets.forEach(AgentSocket::close);
        }
    }

    @Test
    void shouldLetInEveryClientThatComesWhenItWasTold() throws Exception {
        double before = counted(http, "signalbox_gateway_put_off_total");
        List<Future<SignalboxClient>> connecting = new ArrayList<>();
        try (HttpClient shared = ClientOptions.newHttpClient()) {
            ClientOptions options =
                    ClientOptions.builder(node.url()).http(shared).build();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 16; i++) {
                    connecting.add(threads.submit(() -> SignalboxClient.connect(options)));
                }
            }

            for (Future<SignalboxClient> client : connecting) {
                assertThat(client.get().isConnected()).isTrue();
                client.get().close();
            }
        }
        assertThat(counted(http, "signalbox_gateway_put_off_total")).isGreaterThan(before);
    }

    private static double counted(Http from, String name) throws Exception {
        return from.stream("/metrics").stream()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
