package io.signalbox.load.generator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.signalbox.gateway.identity.Ed25519Keys;
import io.signalbox.gateway.identity.Identity.Role;
import io.signalbox.gateway.identity.TokenIssuer;
import io.signalbox.load.dialect.Agents;
import io.signalbox.load.dialect.Dialects;
import io.signalbox.load.dialect.RedisFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * A generator process: one event loop with a part of the connections. Takes {@link Order}s and gives {@link Report}s; ends
 * with its standard input, so that it does not outlive who started it.
 */
public final class GeneratorProcess implements Client.Traffic {
    private static final Duration TOKEN_LIFETIME = Duration.ofHours(12);

    private final ObjectMapper json = new ObjectMapper();
    private final PrintStream out = System.out;
    private final EventLoop eventLoop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()).next();
    private Optional<Order.Connect> connect = Optional.empty();
    private Optional<Connector> connector = Optional.empty();
    private Optional<TrafficRun> run = Optional.empty();

    private GeneratorProcess() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        GeneratorProcess process = new GeneratorProcess();
        try (BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            process.serve(orders);
        }
        System.exit(0);
    }

    private void serve(BufferedReader orders) throws IOException, InterruptedException {
        eventLoop.scheduleAtFixedRate(this::tellConnecting, 1, 1, TimeUnit.SECONDS);
        for (String line = orders.readLine(); line != null; line = orders.readLine()) {
            Order order = json.readValue(line, Order.class);
            try {
                eventLoop.submit(() -> obey(order)).get();
            } catch (ExecutionException e) {
                tell(new Report.Failed(e.getCause().toString()));
            }
            if (order instanceof Order.End) {
                return;
            }
        }
    }

    private Void obey(Order order) throws IOException {
        switch (order) {
            case Order.Connect first -> prepare(first);
            case Order.Open ignored -> connector.orElseThrow().open();
            case Order.Shut ignored -> connector.orElseThrow().shut();
            case Order.Collect ignored -> collect();
            case Order.Run next -> run(next);
            case Order.Stall stall -> stall(stall.stalled());
            case Order.End ignored -> connector.ifPresent(Connector::shut);
        }
        return null;
    }

    private void prepare(Order.Connect order) throws IOException {
        connect = Optional.of(order);
        String[] tokens = tokens(order);
        connector = Optional.of(new Connector(
                order,
                eventLoop,
                this,
                agent -> tokens[order.layout().connectionOf(agent) - order.firstConnection()],
                order.tls() ? Optional.of(tls()) : Optional.empty(),
                this::tell,
                new SplittableRandom(order.worker())));
        tell(new Report.Prepared(tokens.length));
    }

    /** The server is one that the load tests started with a certificate of its own. */
    private static SslContext tls() throws IOException {
        return SslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .protocols("TLSv1.3")
                .endpointIdentificationAlgorithm("")
                .build();
    }

    /** One for each connection, in their order; of Redis its password. */
    private static String[] tokens(Order.Connect order) throws IOException {
        if (order.keyFile().isEmpty()) {
            return Collections.nCopies(order.connections(), "").toArray(String[]::new);
        }
        if (order.dialect() == Dialects.REDIS) {
            String password = RedisFile.read(Path.of(order.keyFile())).password();
            return Collections.nCopies(order.connections(), password).toArray(String[]::new);
        }
        TokenIssuer issuer =
                new TokenIssuer(Ed25519Keys.readPrivate(Path.of(order.keyFile())), "signalbox", "signalbox");
        return IntStream.range(0, order.connections())
                .parallel()
                .map(index -> order.layout().firstAgent(order.firstConnection() + index))
                .mapToObj(agent -> token(issuer, agent))
                .toArray(String[]::new);
    }

    private static String token(TokenIssuer issuer, int agent) {
        return issuer.issue(
                new TokenIssuer.Grant(
                        Agents.id(agent),
                        List.of("load-*"),
                        List.of("agent/#", Agents.FAN_OUT),
                        List.of(Agents.FAN_OUT),
                        Set.of(Role.AGENT)),
                TOKEN_LIFETIME,
                Instant.now());
    }

    private void stall(boolean stalled) {
        connector.orElseThrow().stall(stalled);
        if (!stalled) {
            run.ifPresent(TrafficRun::drainSlowReaders);
        }
    }

    /** On the event loop, which a collection stops anyway. The last run is garbage too. */
    private void collect() {
        run = Optional.empty();
        System.gc();
        tell(new Report.Collected());
    }

    private void run(Order.Run order) {
        Order.Connect connection = connect.orElseThrow();
        SplittableRandom random = new SplittableRandom(1_000L * order.run() + connection.worker());
        TrafficRun next = new TrafficRun(
                connection,
                order,
                Choice.of(order.traffic(), connection, random),
                connector.orElseThrow(),
                eventLoop,
                this::tell,
                System::nanoTime);
        run = Optional.of(next);
        next.begin();
    }

    private void tellConnecting() {
        connector.filter(Connector::isConnecting).ifPresent(each -> {
            tell(new Report.Progress(each.ready(), 0, 0, 0, 0));
            each.giveUpWhenStuck();
        });
    }

    private void tell(Report report) {
        try {
            out.println(json.writeValueAsString(report));
            out.flush();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void received(Client client, int agent, byte[] bytes, int offset) {
        run.ifPresent(current -> current.received(client, agent, bytes, offset));
    }

    @Override
    public void delivered(int agent, byte[] bytes, int offset, int attempt) {
        run.ifPresent(current -> current.delivered(agent, bytes, offset, attempt));
    }

    @Override
    public void acknowledged(long ref) {
        run.ifPresent(current -> current.acknowledged(ref));
    }

    @Override
    public void refused(long ref, String what) {
        run.ifPresent(current -> current.refused(ref, what));
    }

    @Override
    public void refused(String what) {
        run.ifPresent(current -> current.refused(what));
    }
}
