package io.signalbox.bus.redis;

import static io.signalbox.bus.redis.RedisCalls.awaitSuccess;
import static io.signalbox.bus.redis.RedisCalls.failure;
import static io.signalbox.bus.redis.RedisCalls.find;
import static io.signalbox.bus.redis.RedisCalls.get;
import static io.signalbox.bus.redis.RedisCalls.reason;
import static io.signalbox.bus.redis.RedisCalls.set;
import static io.signalbox.bus.redis.RedisServers.await;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.signalbox.config.RedisConfig;
import io.signalbox.config.RedisMode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One real Redis, killed, stopped and started again. */
@Timeout(60)
class StandaloneLinkTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private static final String LIBRARY = """
            #!lua name=answers
            redis.register_function('answer', function(keys, arguments) return 42 end)
            """;

    private final Vertx vertx = Vertx.vertx();
    private final RedisServers servers = RedisServers.standalone();
    private final RedisProcess server = servers.server(0);

    @AfterEach
    void stop() {
        get(vertx.close());
        servers.close();
    }

    private RedisLink open(RedisConfig config, String... libraries) {
        return get(RedisLink.open(vertx, config, List.of(libraries), new Random(1)));
    }

    private RedisLink open() {
        return open(servers.config());
    }

    private static Future<Response> push(RedisLink link, String key, int value) {
        return link.send(key, Request.cmd(Command.RPUSH).arg(key).arg(value));
    }

    private static Future<Response> answer(RedisLink link) {
        return link.send("k", Request.cmd(Command.FCALL).arg("answer").arg(1).arg("k"));
    }

    /** Redis takes commands but does not do those that write. */
    private void pauseWrites() {
        server.ask("CLIENT PAUSE 100000 WRITE");
    }

    private long largestQuery() {
        return server.ask("CLIENT LIST")
                .lines()
                .filter(line -> line.contains(" qbuf="))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".* qbuf=(\\d+).*", "$1")))
                .max()
                .orElse(0);
    }

    @Test
    void shouldDoWhatConcernsOneKeyInTheOrderOfTheCalls() {
        RedisLink link = open();
        List<Integer> numbers = IntStream.range(0, 5000).boxed().toList();
        Promise<Void> asked = Promise.promise();

        vertx.runOnContext(ignored -> {
            numbers.forEach(number -> push(link, "list:{" + number % 3 + "}", number));
            asked.complete();
        });
        get(asked.future());

        List<List<Integer>> lists = IntStream.range(0, 3)
                .mapToObj(i -> get(link.send("list:{" + i + "}", range("list:{" + i + "}"))).stream()
                        .map(Response::toInteger)
                        .toList())
                .toList();
        assertThat(lists.stream().flatMap(List::stream).toList()).containsExactlyInAnyOrderElementsOf(numbers);
        assertThat(lists).allSatisfy(list -> assertThat(list).isSorted());
    }

    private static Request range(String key) {
        return Request.cmd(Command.LRANGE).arg(key).arg(0).arg(-1);
    }

    @Test
    void shouldNotWaitForAnAnswerBeforeItSendsTheNext() {
        RedisLink link = open(servers.config(LONG));
        pauseWrites();

        List<Future<Response>> answers =
                IntStream.range(0, 1000).mapToObj(i -> push(link, "list", i)).collect(toList());

        await(() -> largestQuery() > 999 * "*3$5RPUSH$4list$10".length());
        server.ask("CLIENT UNPAUSE");
        assertThat(answers.stream().map(answer -> get(answer).toInteger()).toList())
                .isSorted();
    }

    @Test
    void shouldAnswerOnTheContextOfTheCaller() {
        RedisLink link = open();
        for (int i = 0; i < 2; i++) {
            Promise<List<Context>> contexts = Promise.promise();

            vertx.deployVerticle(own -> {
                set(link, "k", "v").onComplete(set -> contexts.complete(List.of(own, Vertx.currentContext())));
                return Future.succeededFuture();
            });

            assertThat(get(contexts.future()).getFirst())
                    .isSameAs(get(contexts.future()).getLast());
        }
    }

    @Test
    void shouldFailOnlyTheRefusedCommandOfThoseThatWentOutTogether() {
        RedisLink link = open();
        get(set(link, "k", "v"));
        Promise<List<Future<Response>>> answers = Promise.promise();

        vertx.runOnContext(ignored ->
                answers.complete(List.of(set(link, "{k}1", "1"), push(link, "k", 1), set(link, "{k}2", "2"))));

        List<Future<Response>> three = get(answers.future());
        assertThat(failure(three.get(1))).hasMessageStartingWith("WRONGTYPE ");
        assertThat(reason(three.get(1))).isEqualTo(Reason.REFUSED);
        get(three.get(0));
        get(three.get(2));
        assertThat(find(link, "{k}2")).isEqualTo("2");
    }

    @Test
    void shouldSayWhatIsKnownOfCommandsWhenRedisIsKilledAndGoOnWhenItIsBack() {
        RedisLink link = open(servers.config(LONG));
        AtomicInteger recoveries = new AtomicInteger();
        link.onRecovered(recoveries::incrementAndGet);
        get(set(link, "kept", "1"));
        pauseWrites();
        Future<Response> underWay = push(link, "list", 1);
        await(() -> server.answers("CLIENT LIST", "cmd=rpush"));

        server.kill();

        assertThat(reason(underWay)).isEqualTo(Reason.UNKNOWN);
        assertThat(reason(set(link, "k", "v"))).isEqualTo(Reason.NOT_SENT);
        assertThat(link.isUp()).isFalse();
        assertThat(recoveries).hasValue(0);

        server.start();
        await(() -> recoveries.get() == 1);
        assertThat(link.isUp()).isTrue();
        assertThat(find(link, "kept")).isEqualTo("1");
    }

    @Test
    void shouldGiveUpAConnectionThatDoesNotAnswer() {
        RedisLink link = open();
        server.suspend();

        assertThat(reason(set(link, "k", "v"))).isEqualTo(Reason.UNKNOWN);
        assertThat(reason(set(link, "k", "v"))).isEqualTo(Reason.NOT_SENT);
        server.resume();

        awaitSuccess(() -> set(link, "k", "v"));
    }

    @Test
    void shouldNoticeWithoutACommandThatRedisDoesNotAnswer() {
        RedisLink link = open();
        server.suspend();

        await(() -> !link.isUp());
        server.resume();

        await(link::isUp);
    }

    @Test
    void shouldRefuseToSendMoreWhenTooMuchIsUnderWay() {
        RedisLink link = open(servers.config(LONG));
        pauseWrites();
        String large = "x".repeat(1 << 20);

        List<Future<Response>> answers =
                IntStream.range(0, 40).mapToObj(i -> set(link, "k", large)).toList();

        assertThat(reason(answers.getLast())).isEqualTo(Reason.NOT_SENT);
        server.ask("CLIENT UNPAUSE");
        get(answers.getFirst());
        awaitSuccess(() -> set(link, "k", "v"));
    }

    @Test
    void shouldOpenWhenRedisIsAwayAndConnectWhenItComes() {
        server.kill();
        RedisLink link = open();
        AtomicInteger recoveries = new AtomicInteger();
        link.onRecovered(recoveries::incrementAndGet);
        assertThat(failure(set(link, "k", "v"))).hasMessageContaining("Connection refused");

        server.start();

        await(() -> recoveries.get() == 1);
        get(set(link, "k", "v"));
    }

    @Test
    void shouldSayThatThePasswordIsWrong() {
        server.ask("CONFIG SET requirepass secret");
        RedisConfig config = servers.config();

        RedisLink without = open(config);
        RedisLink wrong = open(withPassword(config, "hunter2"));
        RedisLink right = open(withPassword(config, "secret"));

        assertThat(failure(set(without, "k", "v"))).hasMessageContaining(":" + server.port() + ": NOAUTH ");
        assertThat(failure(set(wrong, "k", "v")))
                .hasMessageContaining("WRONGPASS ")
                .hasMessageNotContaining("hunter2");
        get(set(right, "k", "v"));
    }

    private static RedisConfig withPassword(RedisConfig config, String password) {
        return RedisServers.config(config.mode(), "", password, config.timeout(), config.url());
    }

    @Test
    void shouldSayThatTheServerIsPartOfNoCluster() {
        RedisConfig config = servers.config();

        RedisLink link = open(RedisServers.config(RedisMode.CLUSTER, "", "", config.timeout(), config.url()));

        assertThat(failure(set(link, "k", "v"))).hasMessageContaining("cluster support disabled");
    }

    @Test
    void shouldHaveTheFunctionsBeforeTheFirstCommandAlsoAfterTheServerLostThem() {
        RedisLink link = open(servers.config(), LIBRARY);
        assertThat(get(answer(link)).toInteger()).isEqualTo(42);

        server.kill();
        server.wipe();
        server.start();

        await(link::isUp);
        assertThat(get(answer(link)).toInteger()).isEqualTo(42);
    }

    @Test
    void shouldLoadFunctionsOnlyWhenTheyDiffer() {
        get(open(servers.config(), LIBRARY).close());
        server.ask("CONFIG RESETSTAT");

        RedisLink same = open(servers.config(), LIBRARY);
        assertThat(server.ask("INFO commandstats")).doesNotContain("function|load");

        RedisLink changed = open(servers.config(), LIBRARY.replace("42", "43"));
        assertThat(get(answer(changed)).toInteger()).isEqualTo(43);
        assertThat(get(answer(same)).toInteger()).isEqualTo(43);
    }

    @Test
    void shouldNotConnectWhenAFunctionLibraryIsBroken() {
        RedisLink link = open(servers.config(), "#!lua name=broken\n)");

        assertThat(failure(set(link, "k", "v"))).hasMessageContaining("Error compiling function");
    }

    @Test
    void shouldLeaveNothingOpenWhenItIsClosed() {
        RedisLink link = open(servers.config(LONG));
        pauseWrites();
        Future<Response> underWay = set(link, "k", "v");
        await(() -> server.answers("CLIENT LIST", "cmd=set"));

        get(link.close());

        assertThat(reason(underWay)).isEqualTo(Reason.UNKNOWN);
        assertThat(reason(set(link, "k", "v"))).isEqualTo(Reason.NOT_SENT);
        assertThat(link.isUp()).isFalse();
        await(() -> !server.answers("CLIENT LIST", "name=signalbox"));
    }
}
