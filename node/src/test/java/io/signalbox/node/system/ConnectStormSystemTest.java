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

    @Test
    void shouldTellAClientThatIsOneTooManyWhenToComeAgain() throws Exception {
        List<AgentSocket> sockets = new ArrayList<>();
        try {
            JsonNode answer;
            do {
                AgentSocket socket = AgentSocket.connect(node);
                sockets.add(socket);
                socket.send("{'ref':7,'hello':{'token':'not even looked at'}}");
                answer = socket.await("an answer", entry -> entry.path("ref").asInt() == 7);
            } while (answer.path("error").path("code").asInt() != Code.OVERLOADED.number());

            assertThat(answer.path("error").path("retryAfterMs").asInt()).isBetween(250, 150_000);
            assertThat(sockets.getLast().closeCode()).isEqualTo(1013);
        } finally {
            sockets.forEach(AgentSocket::close);
        }
    }

    @Test
    void shouldLetInEveryClientThatComesWhenItWasTold() throws Exception {
        double before = putOff();
        List<Future<SignalboxClient>> connecting = new ArrayList<>();
        try (HttpClient shared = ClientOptions.newHttpClient()) {
            ClientOptions options = ClientOptions.of(node.url()).withHttp(shared);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 8; i++) {
                    connecting.add(threads.submit(() -> SignalboxClient.connect(options)));
                }
            }

            for (Future<SignalboxClient> client : connecting) {
                assertThat(client.get().isConnected()).isTrue();
                client.get().close();
            }
        }
        assertThat(putOff()).isGreaterThan(before);
    }

    private static double putOff() throws Exception {
        return http.stream("/metrics").stream()
                .filter(line -> line.startsWith("signalbox_gateway_put_off_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
