package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.AddressPattern;
import io.signalbox.gateway.identity.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PermissionsTest {
    private static Identity granted(String... subscribe) {
        return new Identity(
                "x",
                List.of(),
                List.of(),
                List.of(subscribe).stream().map(AddressPattern::new).toList(),
                Set.of(),
                Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"task", "task/1", "node/a", "lock/x/y", "$sys/agents", "$SYS", "$"})
    void shouldReserveThePlatformsAddresses(String address) {
        assertThat(Permissions.isReserved(address)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tasks/1", "agent/a", "skill/b", "a/task/1", "nodes"})
    void shouldLeaveTheOthersToTokens(String address) {
        assertThat(Permissions.isReserved(address)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "agent/a, agent/a, true",
        "agent/a, agent/b, false",
        "agent/+, agent/b, true",
        "agent/+, agent/+, true",
        "agent/+, agent/#, false",
        "agent/+, agent/b/c, false",
        "agent/#, agent/+, true",
        "agent/#, agent/#, true",
        "agent/#, agent, true",
        "agent/a, agent/+, false",
        "+/a, agent/a, true",
        "+/a, +/+, false",
        "#, a/b/#, true",
        "#, $sys/#, false",
        "$sys/#, $sys/agents, false",
        "a/b, a, false",
        "a, a/b, false",
        "a/+, #, false"
    })
    void shouldGrantOnlyWhatIsCovered(String grant, String wanted, boolean allowed) {
        assertThat(Permissions.maySubscribe(granted(grant), new AddressPattern(wanted)))
                .isEqualTo(allowed);
    }

    @Test
    void shouldGrantNothingByDefault() {
        assertThat(Permissions.maySubscribe(granted(), new AddressPattern("chat")))
                .isFalse();
    }

    /** Whatever a granted subscription matches, some grant matches too. */
    @Test
    void shouldNeverLetASubscriptionSeeMoreThanTheGrants() {
        int allowed = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            AddressPattern grant = pattern(random);
            AddressPattern wanted = pattern(random);
            if (Permissions.maySubscribe(granted(grant.text()), wanted)) {
                allowed++;
                for (String address : addresses(random)) {
                    assertThat(!wanted.matches(address) || grant.matches(address))
                            .as("seed %d: %s granted by %s sees %s", seed, wanted, grant, address)
                            .isTrue();
                }
            }
        }
        assertThat(allowed).isGreaterThan(500);
    }

    private static AddressPattern pattern(Random random) {
        List<String> levels = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            levels.add(List.of("a", "b", "+").get(random.nextInt(3)));
        }
        if (random.nextInt(3) == 0) {
            levels.add("#");
        }
        return new AddressPattern(String.join("/", levels));
    }

    private static List<String> addresses(Random random) {
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            List<String> levels = new ArrayList<>();
            for (int j = random.nextInt(4); j >= 0; j--) {
                levels.add(List.of("a", "b", "c").get(random.nextInt(3)));
            }
            addresses.add(String.join("/", levels));
        }
        return addresses;
    }
}
