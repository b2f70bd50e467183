package io.signalbox.bus.redis;

import static io.signalbox.bus.redis.RedisCalls.awaitSuccess;
import static io.signalbox.bus.redis.RedisCalls.failure;
import static io.signalbox.bus.redis.RedisCalls.find;
import static io.signalbox.bus.redis.RedisCalls.get;
import static io.signalbox.bus.redis.RedisCalls.reason;
import static io.signalbox.bus.redis.RedisCalls.set;
import static io.signalbox.bus.redis.RedisServers.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real primary and its replica. */
@Timeout(60)
class ReplicatedLinkTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final RedisServers servers = RedisServers.replicated();
    private final RedisProcess primary = servers.server(0);
    private final RedisProcess replica = servers.server(1);

    @AfterEach
    void stop() {
        get(vertx.close());
        replica.resume();
        servers.close();
    }

    private RedisLink open(Duration timeout) {
        return get(RedisLink.open(vertx, servers.config(timeout), List.of(), new Random(1)));
    }

    private static Future<Response> push(RedisLink link, int value, int replicas) {
        return link.sendReplicated(
                "list:{a}", Request.cmd(Command.RPUSH).arg("list:{a}").arg(value), replicas);
    }

    @Test
    void shouldCompleteWhenTheReplicaHasIt() {
        RedisLink link = open(LONG);

        assertThat(get(push(link, 7, 1)).toInteger()).isEqualTo(1);

        assertThat(replica.ask("LRANGE list:{a} 0 -1")).contains("7");
    }

    @Test
    void shouldCompleteManyInTheOrderOfTheCallsWhetherReplicatedOrNot() {
        RedisLink link = open(LONG);
        List<Future<Response>> answers = new ArrayList<>();

        for (int i = 0; i < 2000; i++) {
            answers.add(push(link, i, i % 3 == 0 ? 1 : 0));
        }

        for (int i = 0; i < 2000; i++) {
            assertThat(get(answers.get(i)).toInteger()).isEqualTo(i + 1);
        }
    }

    @Test
    void shouldTellHowManyReplicasHaveItWhenTheyAreFewerThanWanted() {
        RedisLink link = open(Duration.ofSeconds(1));

        RedisFailure failure = failure(push(link, 7, 2));

        assertThat(failure.reason()).isEqualTo(Reason.UNREPLICATED);
        assertThat(failure).hasMessageStartingWith("1 of 2 replicas");
        assertThat(primary.ask("LRANGE list:{a} 0 -1")).as("it was done").contains("7");
    }

    @Test
    void shouldNotCountAReplicaThatLags() {
        RedisLink link = open(Duration.ofSeconds(1));
        get(push(link, 1, 1));
        replica.suspend();

        RedisFailure failure = failure(push(link, 2, 1));

        assertThat(failure.reason()).isEqualTo(Reason.UNREPLICATED);
        assertThat(failure).hasMessageStartingWith("0 of 1 replicas");
        replica.resume();
        get(push(link, 3, 1));
    }

    @Test
    void shouldNotLetOthersWaitForAReplicaThatLags() {
        RedisLink link = open(LONG);
        replica.suspend();
        Future<Response> replicated = push(link, 1, 1);

        get(push(link, 2, 0));

        assertThat(replicated.isComplete()).isFalse();
        replica.resume();
        get(replicated);
    }

    @Test
    void shouldRefuseToSendMoreWhenTooMuchWaitsForReplicas() {
        RedisLink link = open(LONG);
        replica.suspend();
        Request large = Request.cmd(Command.SET).arg("k").arg("x".repeat(1 << 20));
        List<Future<Response>> answers = new ArrayList<>();

        for (int i = 0; i < 70; i++) {
            answers.add(link.sendReplicated("k", large, 1));
            get(set(link, "k", "done"));
        }

        assertThat(reason(answers.getLast())).isEqualTo(Reason.NOT_SENT);
        replica.resume();
        get(answers.getFirst());
        awaitSuccess(() -> push(link, 1, 1));
    }

    /** The answer of a primary that was restarted says nothing of what its predecessor did. */
    @Test
    void shouldNotKnowOfReplicasWhenThePrimaryIsLostMeanwhile() {
        RedisLink link = open(LONG);
        replica.suspend();
        Future<Response> replicated = push(link, 1, 1);
        await(() -> primary.answers("CLIENT LIST", "cmd=wait"));

        primary.kill();

        assertThat(reason(replicated)).isEqualTo(Reason.UNREPLICATED);
        primary.start();
        await(link::isUp);
        replica.resume();
        awaitSuccess(() -> push(link, 2, 1));
    }

    @Test
    void shouldNotLetThoseThatWantFewReplicasWaitForThoseThatWantMore() {
        RedisLink link = open(LONG);
        Promise<List<Future<Response>>> asked = Promise.promise();

        vertx.runOnContext(ignored -> asked.complete(List.of(push(link, 1, 2), push(link, 2, 1))));

        List<Future<Response>> answers = get(asked.future());
        get(answers.getLast());
        assertThat(answers.getFirst().isComplete()).isFalse();
    }

    @Test
    void shouldNotTakeAReplicaForThePrimary() {
        get(open(LONG).close());
        primary.ask("REPLICAOF 127.0.0.1 " + replica.port());

        RedisLink link = open(Duration.ofSeconds(1));

        assertThat(failure(set(link, "k", "v"))).hasMessageContaining("it is no primary but a slave");
    }

    @Test
    void shouldLeaveAPrimaryThatBecameAReplica() {
        RedisLink link = open(Duration.ofSeconds(1));
        primary.ask("REPLICAOF 127.0.0.1 " + replica.port());

        assertThat(reason(set(link, "k", "v"))).isEqualTo(Reason.NOT_SENT);
        await(() -> !link.isUp());
        primary.ask("REPLICAOF NO ONE");

        await(link::isUp);
        get(set(link, "k", "v"));
        assertThat(find(link, "k")).isEqualTo("v");
    }
}
