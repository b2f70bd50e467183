package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.RequirementResult;
import io.signalbox.sdk.SignalboxClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What tasks ask for besides an agent: times, other tasks, approvals; and trees of them. */
@Timeout(60)
final class TaskPlanSystemTest {
    private static RunningNode node;
    private static Http http;

    @BeforeAll
    static void start() {
        node = RunningNode.start();
        http = new Http(node.url());
    }

    @AfterAll
    static void stop() {
        http.close();
        node.close();
    }

    private static String submit(String body) throws Exception {
        Http.Answer answer = http.post("/v1/tasks", body);
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(202);
        return answer.json().path("id").asText();
    }

    private static String code(String task) throws Exception {
        return http.task(task).path("code").asText();
    }

    private static List<String> events(String task) throws Exception {
        return http.stream("/v1/tasks/" + task + "/events").stream()
                .filter(line -> line.startsWith("event: "))
                .map(line -> line.substring(7))
                .toList();
    }

    @Test
    void shouldGatherTheResultsOfWhatATaskRequires() throws Exception {
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            CountDownLatch goOn = new CountDownLatch(1);
            client.agent("gatherer")
                    .slots(4)
                    .skill("plan.part", assignment -> {
                        goOn.await();
                        return assignment.input();
                    })
                    .skill("plan.sum", assignment -> {
                        List<String> outputs = new ArrayList<>();
                        for (RequirementResult result : assignment.requirements()) {
                            outputs.add(result.output().orElseThrow().text());
                        }
                        return Payload.text(String.join("+", outputs));
                    })
                    .attach();
            String one = http.submit("plan.part", "1");
            String two = http.submit("plan.part", "2");
            String sum = submit("{\"skill\":\"plan.sum\",\"requires\":[\"%s\",\"%s\"]}".formatted(two, one));
            assertThat(http.task(sum).path("state").asText()).isEqualTo("held");
            assertThat(code(sum)).isEqualTo("AWAITS_TASKS");
            goOn.countDown();

            http.awaitState(sum, "succeeded");

            assertThat(http.task(sum).path("output").asText()).isEqualTo("2+1");
            assertThat(events(sum)).containsExactly("submitted", "released", "assigned", "succeeded");
            String late = submit("{\"skill\":\"plan.sum\",\"requires\":[\"%s\"]}".formatted(one));
            http.awaitState(late, "succeeded");
        }
    }

    @ParameterizedTest
    @CsvSource({"fail, dead", "cancel, cancelled"})
    void shouldGiveUpWhatRequiresATaskThatWasCancelled(String policy, String state) throws Exception {
        String lost = http.submit("plan.nobody", "1");
        String task = submit("{\"skill\":\"plan.nobody\",\"requires\":[\"%s\"],\"onRequirementLost\":\"%s\"}"
                .formatted(lost, policy));

        http.post("/v1/tasks/" + lost + "/cancel", "{}");

        http.awaitState(task, state);
        assertThat(code(task)).isEqualTo("REQUIREMENT_LOST");
        assertThat(http.task(task).path("reason").asText()).contains(lost);
    }

    @Test
    void shouldWaitForItsTime() throws Exception {
        Instant soon = Instant.now().plusMillis(1500);
        String task = submit("{\"skill\":\"plan.later\",\"notBefore\":\"%s\"}".formatted(soon));
        assertThat(code(task)).isEqualTo("NOT_YET");

        http.awaitState(task, "queued");

        JsonNode released = http.task(task);
        assertThat(Instant.parse(released.path("updatedAt").asText())).isAfterOrEqualTo(soon.minusMillis(1));
        assertThat(released.path("code").asText()).isEqualTo("NO_SUCH_SKILL");
    }

    @Test
    void shouldParkATaskUntilSomebodyApprovesOfIt() throws Exception {
        String task = submit("{\"skill\":\"plan.risky\",\"approval\":true}");
        assertThat(code(task)).isEqualTo("AWAITS_APPROVAL");
        assertThat(http.get("/v1/tasks?state=held&skill=plan.risky").json().path("tasks"))
                .hasSize(1);

        Http.Answer approved = http.post("/v1/tasks/" + task + "/approve", "{\"reason\":\"looked at it\"}");

        assertThat(approved.status()).isEqualTo(200);
        http.awaitState(task, "queued");
        assertThat(approved.json().path("decision").path("by").asText()).isEqualTo("anonymous");
        assertThat(approved.json().path("decision").path("reason").asText()).isEqualTo("looked at it");
        assertThat(http.post("/v1/tasks/" + task + "/approve", "{}").code()).isEqualTo("CONFLICT");
        http.post("/v1/tasks/" + task + "/cancel", "{}");
        assertThat(events(task)).containsExactly("submitted", "approved", "released", "cancelled");
    }

    @Test
    void shouldEndATaskThatIsRefused() throws Exception {
        String task = submit("{\"skill\":\"plan.risky\",\"approval\":true}");

        Http.Answer refused = http.post("/v1/tasks/" + task + "/refuse", "{\"reason\":\"too dear\"}");

        assertThat(refused.json().path("state").asText()).isEqualTo("dead");
        assertThat(refused.json().path("code").asText()).isEqualTo("APPROVAL_REFUSED");
        assertThat(refused.json().path("reason").asText()).isEqualTo("too dear");
        assertThat(http.post("/v1/tasks/" + task + "/approve", "{}").code()).isEqualTo("TASK_ENDED");
    }

    @Test
    void shouldCheckTheInputAgainWhenSomebodyApproves() throws Exception {
        String task = submit("{\"skill\":\"checked-skill\",\"input\":\"text\",\"approval\":true}");
        http.post(
                "/v1/definitions",
                "{\"name\":\"checked\",\"version\":\"1.0.0\",\"skills\":[{\"name\":\"checked-skill\","
                        + "\"inputSchema\":{\"type\":\"integer\"}}]}");

        Http.Answer answer = http.post("/v1/tasks/" + task + "/approve", "{}");

        assertThat(answer.status()).isEqualTo(422);
        assertThat(http.task(task).path("state").asText()).isEqualTo("held");
    }

    @Test
    void shouldCancelAWholeTree() throws Exception {
        String top = http.submit("plan.tree", "1");
        String child = submit("{\"skill\":\"plan.tree\",\"parent\":\"%s\"}".formatted(top));
        String grandchild = submit("{\"skill\":\"plan.tree\",\"parent\":\"%s\"}".formatted(child));
        assertThat(http.task(grandchild).path("root").asText()).isEqualTo(top);
        assertThat(http.get("/v1/tasks?parent=" + top).json().path("tasks")).hasSize(1);

        assertThat(http.post("/v1/tasks/" + top + "/cancel?tree=true", "{}").status())
                .isEqualTo(200);

        for (String task : List.of(top, child, grandchild)) {
            assertThat(http.task(task).path("state").asText()).isEqualTo("cancelled");
        }
        assertThat(http.post("/v1/tasks", "{\"skill\":\"plan.tree\",\"parent\":\"%s\"}".formatted(top))
                        .code())
                .isEqualTo("INVALID_ARGUMENT");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"requires\":\"x\"                                         | requires must be an array",
                "\"requires\":[\"x\"]                                       | no task's id",
                "\"requires\":[\"01a21044-d319-7663-b1ce-620d7ba91855\"]    | there is no task",
                "\"onRequirementLost\":\"panic\"                            | fail, cancel or run",
                "\"parent\":\"01a21044-d319-7663-b1ce-620d7ba91855\"        | is not open",
                "\"notBefore\":\"tomorrow\"                                 | notBefore must be a time",
                "\"budget\":{\"money\":1}                                    | no limit 'money'",
                "\"budget\":{\"tokens\":0}                                   | budget.tokens must be a whole number",
                "\"approval\":\"yes\"                                       | approval must be true or false"
            })
    void shouldSayWhatIsWrongWithAPlan(String member, String detail) throws Exception {
        Http.Answer answer = http.post("/v1/tasks", "{\"skill\":\"plan.wrong\"," + member + "}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("detail").asText()).contains(detail);
    }

    @Test
    void shouldStopATreeThatHasUsedItsBudget() throws Exception {
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            String top = submit("{\"skill\":\"plan.dear\",\"budget\":{\"tokens\":100,\"width\":1}}");
            String part = submit("{\"skill\":\"plan.nobody\",\"parent\":\"%s\"}".formatted(top));
            assertThat(http.post("/v1/tasks", "{\"skill\":\"plan.dear\",\"parent\":\"%s\"}".formatted(top))
                            .code())
                    .isEqualTo("BUDGET_EXHAUSTED");

            client.agent("spender")
                    .skill("plan.dear", assignment -> {
                        assignment.used(60, 5);
                        assignment.used(40, 0);
                        return assignment.input();
                    })
                    .attach();

            http.awaitState(top, "succeeded");
            http.awaitState(part, "dead");
            assertThat(code(part)).isEqualTo("BUDGET_EXHAUSTED");
            assertThat(http.task(top).path("used").path("tokens").asInt()).isEqualTo(100);
            assertThat(http.task(top).path("used").path("costMicros").asInt()).isEqualTo(5);
        }
    }

    @Test
    void shouldStreamPiecesOfTheOutputToWhoeverFollows() throws Exception {
        CountDownLatch followed = new CountDownLatch(1);
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            client.agent("streamer")
                    .skill("plan.stream", assignment -> {
                        followed.await();
                        assignment.partial(Payload.text("to be "));
                        assignment.partial(Payload.text("or not"));
                        return Payload.text("to be or not");
                    })
                    .attach();
            String task = http.submit("plan.stream", "1");

            List<String> pieces = new ArrayList<>();
            try (Stream<String> lines = http.open("/v1/tasks/" + task + "/events")) {
                lines.forEach(line -> {
                    if (line.equals("event: assigned")) {
                        followed.countDown();
                    }
                    if (line.contains("\"partial\":")) {
                        pieces.add(line.replaceAll(".*\"partial\":\"([^\"]*)\".*", "$1"));
                    }
                });
            }

            assertThat(pieces).containsExactly("to be ", "or not");
            assertThat(events(task)).containsExactly("submitted", "assigned", "succeeded");
            assertThat(http.task(task).path("output").asText()).isEqualTo("to be or not");
        }
    }

    @Test
    void shouldSubmitBySchedule() throws Exception {
        String body = "{\"name\":\"each-second\",\"everyMs\":1000,\"task\":{\"skill\":\"plan.scheduled\",\"input\":7}}";
        assertThat(http.post("/v1/schedules", body).json().path("missed").asText())
                .isEqualTo("once");

        Eventually.eventually(
                "it fired twice",
                () -> http.get("/v1/tasks?skill=plan.scheduled")
                                .json()
                                .path("tasks")
                                .size()
                        >= 2);

        JsonNode task =
                http.get("/v1/tasks?skill=plan.scheduled").json().path("tasks").get(0);
        assertThat(task.path("submitter").asText()).isEqualTo("schedule/each-second");
        assertThat(task.path("labels").path("schedule").asText()).isEqualTo("each-second");
        JsonNode schedule = http.get("/v1/schedules/each-second").json();
        assertThat(schedule.path("lastTask").asText()).isNotEmpty();
        assertThat(schedule.path("task").path("input").asInt()).isEqualTo(7);
        assertThat(http.send(http.request("/v1/schedules/each-second").DELETE().build())
                        .status())
                .isEqualTo(204);
        assertThat(http.get("/v1/schedules").json().path("schedules")).isEmpty();
        assertThat(http.post("/v1/schedules", body.replace("\"everyMs\":1000", "\"cron\":\"x\""))
                        .code())
                .isEqualTo("INVALID_ARGUMENT");
    }

    @Test
    void shouldExplainWhereATaskIsAndWhyItCameToAnAgent() throws Exception {
        String task = http.submit("plan.explained", "1");
        JsonNode waiting = http.get("/v1/tasks/" + task + "/explanation").json();
        assertThat(waiting.path("task").path("queue").path("position").asInt(-1))
                .isZero();
        assertThat(waiting.path("stages").findValuesAsText("name"))
                .containsExactly("agents", "skill", "version", "connection", "room", "declined", "queue");

        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            client.agent("explained-1")
                    .skill("plan.explained", assignment -> assignment.input())
                    .attach();
            http.awaitState(task, "succeeded");
        }

        JsonNode ended = http.get("/v1/tasks/" + task + "/explanation").json();
        assertThat(ended.path("stages")).isEmpty();
        assertThat(ended.path("decisions").findValuesAsText("type"))
                .containsExactly("submitted", "assigned", "succeeded");
        assertThat(ended.path("decisions").get(1).path("reason").asText())
                .startsWith("score 100")
                .contains("1 of 1 able agents");
        assertThat(http.get("/v1/tasks/nothing/explanation").status()).isEqualTo(404);
        assertThat(http.get("/metrics").response().body())
                .contains("signalbox_allocation_wait_seconds_count{priority=\"normal\",skill=\"plan.explained\"} 1");
    }

    @Test
    void shouldShowWhoseShareATaskTakes() throws Exception {
        assertThat(http.task(submit("{\"skill\":\"plan.shared\",\"tenant\":\"ci\"}"))
                        .path("tenant")
                        .asText())
                .isEqualTo("ci");
        assertThat(http.task(http.submit("plan.shared", "1")).path("tenant").asText())
                .isEqualTo("anonymous");
    }
}
