package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.allocation.Samples.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SubmitRulesTest {
    private static final int DEFAULT_ATTEMPTS = 4;
    private static final String NUL = "\0";

    private static SubmitTask with(Consumer<SubmitTask.Builder> change) {
        SubmitTask.Builder request = SubmitTask.newBuilder().setSkill("text.review");
        change.accept(request);
        return request.build();
    }

    private static SubmitTask complete(Consumer<SubmitTask.Builder> change) {
        return SubmitRules.complete(with(change), DEFAULT_ATTEMPTS, NOW);
    }

    private static void assertRefused(String message, Consumer<SubmitTask.Builder> change) {
        assertThatThrownBy(() -> complete(change))
                .isInstanceOfSatisfying(
                        ServiceException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(Code.INVALID_ARGUMENT))
                .hasMessageContaining(message);
    }

    @Test
    void shouldFillInDefaults() {
        SubmitTask completed = complete(request -> {});

        assertThat(completed.getPriority()).isEqualTo(5);
        assertThat(completed.getMaxAttempts()).isEqualTo(DEFAULT_ATTEMPTS);
        assertThat(completed.getDeadlineMs()).isZero();
    }

    @Test
    void shouldLeaveWhatIsSaidAsItIs() {
        SubmitTask request = with(builder -> builder.setPriority(0)
                .setMaxAttempts(1)
                .setVersionRange("^1.2")
                .setDeadlineMs(NOW.toEpochMilli() + 1)
                .setInput(ByteString.copyFromUtf8("{}"))
                .setSubmitter("me")
                .setTenant("team")
                .setIdempotencyKey("key")
                .putLabels("team", "red"));

        assertThat(SubmitRules.complete(request, DEFAULT_ATTEMPTS, NOW)).isEqualTo(request);
    }

    @Test
    void shouldCountATaskAsItsSubmittersWhenItNamesNoTenant() {
        assertThat(complete(request -> request.setSubmitter("me")).getTenant()).isEqualTo("me");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "text.review", "a-b.c-d", "2fa", "a.1", "x1"})
    void shouldTakeSkillNames(String skill) {
        assertThat(complete(request -> request.setSkill(skill)).getSkill()).isEqualTo(skill);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", ".", "a.", ".a", "a..b", "a.-b", "-a", "a-", "A", "a b", "a/b", "a_b", "ä", "a\n", "a\0", "skill/+",
                "#"
            })
    void shouldRefuseWhatIsNoSkillName(String skill) {
        assertRefused("skill", request -> request.setSkill(skill));
    }

    @Test
    void shouldTakeSkillNamesUpToTwoHundredCharacters() {
        assertThat(complete(request -> request.setSkill("a".repeat(200))).getSkill())
                .hasSize(200);
        assertRefused("skill", request -> request.setSkill("a".repeat(201)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1.2.3", "^1.2", "~1.2.3", ">=1 <2", "1 || 2", "*", "1.x", "latest"})
    void shouldTakeVersionRanges(String range) {
        assertThat(complete(request -> request.setVersionRange(range)).getVersionRange())
                .isEqualTo(range);
    }

    @ParameterizedTest
    @ValueSource(strings = {"newest", ">=1.0.0-9999999999999999999", "^", "1.2.3.4.5", "^a.b", "!1"})
    void shouldRefuseWhatIsNoVersionRange(String range) {
        assertRefused("version '" + range + "'", request -> request.setVersionRange(range));
    }

    @Test
    void shouldRefuseARangeThatIsTooLongThoughItIsOne() {
        String range = "1.2.3" + " || 1.2.3".repeat(30);

        assertRefused("version", request -> request.setVersionRange(range));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9})
    void shouldTakePrioritiesFromZeroToNine(int priority) {
        assertThat(complete(request -> request.setPriority(priority)).getPriority())
                .isEqualTo(priority);
    }

    /** -1 is how 4294967295 arrives. */
    @ParameterizedTest
    @ValueSource(ints = {10, 100, -1, Integer.MIN_VALUE})
    void shouldRefuseOtherPriorities(int priority) {
        assertRefused(
                "priority " + Integer.toUnsignedString(priority) + ", must be 0 to 9",
                request -> request.setPriority(priority));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 100})
    void shouldTakeUpToAHundredAttempts(int attempts) {
        assertThat(complete(request -> request.setMaxAttempts(attempts)).getMaxAttempts())
                .isEqualTo(attempts);
    }

    @ParameterizedTest
    @ValueSource(ints = {101, -1, Integer.MAX_VALUE})
    void shouldRefuseMoreAttempts(int attempts) {
        assertRefused("maxAttempts " + Integer.toUnsignedString(attempts), request -> request.setMaxAttempts(attempts));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, -1_000_000})
    void shouldRefuseADeadlineThatHasPassed(long later) {
        assertRefused("deadline", request -> request.setDeadlineMs(NOW.toEpochMilli() + later));
    }

    @Test
    void shouldRefuseADeadlineBeforeAllTime() {
        assertRefused("deadline", request -> request.setDeadlineMs(-1));
    }

    @Test
    void shouldTakeFiftyLabelsAndNoMore() {
        assertThat(complete(request -> label(request, 50)).getLabelsCount()).isEqualTo(50);
        assertRefused("labels: more than 50", request -> label(request, 51));
    }

    private static void label(SubmitTask.Builder request, int labels) {
        for (int i = 0; i < labels; i++) {
            request.putLabels("label" + i, "");
        }
    }

    static Stream<Arguments> texts() {
        return Stream.of(
                text("labels", 200, (request, text) -> request.putLabels(text, "")),
                text("labels.team", 1000, (request, text) -> request.putLabels("team", text)),
                text("submitter", 1000, SubmitTask.Builder::setSubmitter),
                text("idempotency key", 200, SubmitTask.Builder::setIdempotencyKey),
                text("traceparent", 200, SubmitTask.Builder::setTraceparent),
                text("contentType", 200, SubmitTask.Builder::setContentType));
    }

    private static Arguments text(String field, int most, BiConsumer<SubmitTask.Builder, String> set) {
        return Arguments.of(field, most, set);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("texts")
    void shouldBoundEveryText(String field, int most, BiConsumer<SubmitTask.Builder, String> set) {
        complete(request -> set.accept(request, "x".repeat(most)));

        assertRefused(field + ": longer than " + most, request -> set.accept(request, "x".repeat(most + 1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("texts")
    void shouldRefuseNulWhichTheStoreCannotHold(String field, int most, BiConsumer<SubmitTask.Builder, String> set) {
        assertRefused(field + ": has a NUL character", request -> set.accept(request, "a" + NUL));
    }

    @Test
    void shouldMakeOfARequestWhatTheBrokerHasToKnow() {
        UUID id = Samples.id(3);
        SubmitTask request =
                complete(builder -> builder.setVersionRange("^1").setPriority(7).setMaxAttempts(2));

        TaskSpec spec = SubmitRules.spec(id, request, NOW);

        assertThat(spec).isEqualTo(Samples.spec(id, "text.review", "^1", 7, NOW, spec.deadline(), 2));
        assertThat(spec.deadline()).isEmpty();
        assertThat(spec.demand()).isEqualTo(new TaskSpec.Demand("text.review", "^1"));
    }

    @Test
    void shouldKeepTheDeadlineToTheMillisecond() {
        SubmitTask request = complete(builder -> builder.setDeadlineMs(NOW.toEpochMilli() + 1));

        assertThat(SubmitRules.spec(Samples.id(1), request, NOW).deadline()).contains(NOW.plusMillis(1));
    }
}
