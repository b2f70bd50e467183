package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.internal.TaskPlan;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.codecs.proto.RequirementResult;
import io.signalbox.verticles.postgres.StoreExceptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class RequirementsTest {
    private final FakeTaskStore store = new FakeTaskStore();
    private final Map<UUID, Boolean> found = new HashMap<>();
    private final Requirements requirements = new Requirements(store, found::putAll);

    private UUID task(long number, String state, int outputBytes) {
        UUID id = Samples.id(number);
        store.put(TaskView.newBuilder()
                .setId(id.toString())
                .setState(state)
                .setOutputContentType("text/plain")
                .setOutput(ByteString.copyFrom(new byte[outputBytes]))
                .build());
        return id;
    }

    private List<RequirementResult> results(UUID... required) {
        TaskPlan.Builder plan = TaskPlan.newBuilder();
        for (UUID id : required) {
            plan.addRequires(id.toString());
        }
        return get(requirements.resultsFor(TaskView.newBuilder().setPlan(plan).build()));
    }

    @Test
    void shouldTellWhoSucceededAndTakeWhatIsNotThereForLost() {
        UUID well = task(1, "succeeded", 0);
        UUID badly = task(2, "cancelled", 0);
        UUID unknown = Samples.id(3);

        requirements.lookUp(List.of(well, badly, unknown));

        assertThat(found).isEqualTo(Map.of(well, true, badly, false, unknown, false));
    }

    @Test
    void shouldAskAgainWhileTheEndIsBeingStoredOrTheStoreIsAway() {
        UUID task = task(1, "assigned", 0);
        requirements.lookUp(List.of(task));
        assertThat(found).isEmpty();
        store.failure = Optional.of(StoreExceptions.UNAVAILABLE.make());
        requirements.tick();

        store.failure = Optional.empty();
        task(1, "succeeded", 0);
        requirements.tick();

        assertThat(found).isEqualTo(Map.of(task, true));
    }

    @Test
    void shouldGiveResultsInTheOrderOfTheRequirementsAndLeaveOutWhatHasNoRoom() {
        UUID big = task(1, "succeeded", Requirements.MAX_RESULTS - 10);
        UUID bigger = task(2, "succeeded", 11);
        UUID small = task(3, "succeeded", 10);
        UUID lost = task(4, "dead", 0);

        List<RequirementResult> results = results(lost, big, bigger, small);

        assertThat(results)
                .extracting(RequirementResult::getTask)
                .containsExactly(lost.toString(), big.toString(), bigger.toString(), small.toString());
        assertThat(results).extracting(RequirementResult::getLeftOut).containsExactly(false, false, true, false);
        assertThat(results.get(2).getOutput()).isEmpty();
        assertThat(results.getFirst().getState()).isEqualTo("dead");
    }

    @Test
    void shouldAskNobodyForATaskThatRequiresNothing() {
        store.failure = Optional.of(StoreExceptions.UNAVAILABLE.make());

        assertThat(results()).isEmpty();
    }
}
