package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.codecs.proto.Usage;
import io.signalbox.verticles.allocation.StoreWrite.Change;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.allocation.StoreWrite.Submit;
import io.signalbox.verticles.postgres.StoreExceptions;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/** Keeps the contract in the simplest way: for tests of what uses a store, and to compare drivers with. Thread-safe. */
final class InMemoryTaskStore implements TaskStore {
    private record Kept(SubmitTask request, TaskView task, Instant notBefore, List<TaskEvent> events) {}

    private static final Set<String> OPEN = Set.of("held", "queued", "assigned");

    private final Map<UUID, Kept> tasks = new HashMap<>();

    @Override
    public synchronized Future<Written> write(List<Submit> submits, List<Change> changes) {
        if (submits.stream().anyMatch(submit -> submit.request().getSkill().indexOf('\0') >= 0)) {
            return Future.failedFuture(StoreExceptions.FAULT.make());
        }
        Map<UUID, Submitted> submitted = new HashMap<>();
        submits.forEach(submit -> submitted.put(submit.task(), submitted(submit)));
        Map<UUID, Changed> changed = new HashMap<>();
        changes.stream()
                .filter(change -> tasks.containsKey(change.task()))
                .forEach(change -> changed.put(change.task(), changed(change)));
        return Future.succeededFuture(new Written(submitted, changed));
    }

    private Submitted submitted(Submit submit) {
        UUID task = withKeyOf(submit).orElse(submit.task());
        tasks.computeIfAbsent(task, id -> kept(submit));
        return new Submitted(task, tasks.get(task).request().getRequestHash().toByteArray());
    }

    private Optional<UUID> withKeyOf(Submit submit) {
        String key = submit.request().getIdempotencyKey();
        String submitter = submit.request().getSubmitter();
        return tasks.entrySet().stream()
                .filter(each -> !key.isEmpty()
                        && each.getValue().request().getIdempotencyKey().equals(key)
                        && each.getValue().request().getSubmitter().equals(submitter))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static Kept kept(Submit submit) {
        SubmitTask request = submit.request();
        TaskView task = TaskView.newBuilder()
                .setId(submit.task().toString())
                .setState(submit.state())
                .setSkill(request.getSkill())
                .setVersionRange(request.getVersionRange())
                .setPriority(request.getPriority())
                .setDeadlineMs(request.getDeadlineMs())
                .setMaxAttempts(request.getMaxAttempts())
                .putAllLabels(request.getLabelsMap())
                .setSubmitter(request.getSubmitter())
                .setSubmittedAtMs(submit.submittedAt().toEpochMilli())
                .setUpdatedAtMs(submit.submittedAt().toEpochMilli())
                .setContentType(request.getContentType())
                .setInput(request.getInput())
                .setTraceparent(request.getTraceparent())
                .setTenant(request.getTenant())
                .setRevision(1)
                .mergeFrom(planned(request))
                .build();
        return new Kept(
                request, task, Instant.EPOCH, List.of(event(task, "submitted").build()));
    }

    private static TaskView planned(SubmitTask request) {
        TaskView.Builder task = TaskView.newBuilder();
        return request.hasPlan() ? task.setPlan(request.getPlan()).build() : task.build();
    }

    private static TaskEvent.Builder event(TaskView task, String type) {
        return TaskEvent.newBuilder()
                .setTask(task.getId())
                .setRevision(task.getRevision())
                .setType(type)
                .setAtMs(task.getUpdatedAtMs())
                .setAgent(task.getAgent())
                .setToken(task.getToken())
                .setAttempt(task.getAttempt())
                .setDefinition(task.getDefinition());
    }

    private Changed changed(Change change) {
        Kept before = tasks.get(change.task());
        boolean open = OPEN.contains(before.task().getState());
        if (open && before.task().getRevision() == change.revision() - 1) {
            tasks.put(change.task(), applied(change, before));
        }
        Kept now = tasks.get(change.task());
        boolean committed = now.events().stream().anyMatch(event -> isOf(event, change));
        boolean wantsInput = change.detail() instanceof Detail.Assigned;
        return new Changed(committed, now.task().getRevision(), assignment(now.task(), wantsInput));
    }

    private static boolean isOf(TaskEvent event, Change change) {
        return event.getRevision() == change.revision()
                && event.getType().equals(change.type())
                && event.getAtMs() == change.at().toEpochMilli()
                && (!(change.detail() instanceof Detail.Assigned assigned) || event.getToken() == assigned.token());
    }

    private static Kept applied(Change change, Kept before) {
        TaskView.Builder task = before.task().toBuilder()
                .setRevision(change.revision())
                .setUpdatedAtMs(change.at().toEpochMilli());
        TaskEvent.Builder said = TaskEvent.newBuilder();
        Instant notBefore = before.notBefore();
        switch (change.detail()) {
            case Detail.Approved(String by, String why) -> {
                said.setBy(by).setReason(why);
                decided(task, by, why, change);
            }
            case Detail.Disapproved(String by, String why) -> {
                said.setBy(by).setReason(why).setReasonCode(Code.APPROVAL_REFUSED.number());
                decided(task, by, why, change).setState("dead");
            }
            case Detail.Released ignored -> {
                notBefore = change.at();
                task.setState("queued");
            }
            case Detail.Assigned(
                    String agent,
                    long token,
                    int attempt,
                    String skillVersion,
                    String definition,
                    String why) -> {
                said.setReason(why);
                task.setState("assigned")
                        .setAgent(agent)
                        .setToken(token)
                        .setAttempt(attempt)
                        .setSkillVersion(skillVersion)
                        .setDefinition(definition)
                        .setProgressPercent(0)
                        .setProgressMessage("");
            }
            case Detail.Progressed(double percent, String message) -> {
                said.setPercent(percent).setMessage(text(message));
                task.setProgressPercent(percent).setProgressMessage(text(message));
            }
            case Detail.Requeued requeued -> {
                said.setReasonCode(requeued.code().number()).setReason(text(requeued.reason()));
                notBefore = requeued.notBefore();
                task.setState("queued").setAgent("").setAttempt(requeued.attempt());
                use(task, requeued.used());
            }
            case Detail.Ended ended -> {
                said.setReasonCode(ended.code().map(Code::number).orElse(0)).setReason(text(ended.reason()));
                task.setState(ended.state())
                        .setOutputContentType(text(ended.contentType()))
                        .setOutput(ended.output());
                use(task, ended.used());
            }
        }
        if (!(change.detail() instanceof Detail.Progressed)) {
            boolean assigned = change.detail() instanceof Detail.Assigned;
            task.setReasonCode(said.getReasonCode()).setReason(assigned ? "" : said.getReason());
        }
        TaskView after = task.build();
        List<TaskEvent> events = new ArrayList<>(before.events());
        events.add(event(after, change.type()).mergeFrom(said.build()).build());
        return new Kept(before.request(), after, notBefore, List.copyOf(events));
    }

    private static TaskView.Builder decided(TaskView.Builder task, String by, String why, Change change) {
        return task.setDecidedBy(by)
                .setDecisionReason(why)
                .setDecidedAtMs(change.at().toEpochMilli());
    }

    private static void use(TaskView.Builder task, Usage used) {
        if (!used.equals(Usage.getDefaultInstance())) {
            task.setUsed(Usage.newBuilder()
                    .setTokens(task.getUsed().getTokens() + used.getTokens())
                    .setCostMicros(task.getUsed().getCostMicros() + used.getCostMicros()));
        }
    }

    private static String text(String said) {
        return said.replace('\0', '\ufffd');
    }

    private static TaskView assignment(TaskView task, boolean withInput) {
        TaskView.Builder view = TaskView.newBuilder()
                .setId(task.getId())
                .setSkill(task.getSkill())
                .setAgent(task.getAgent())
                .setToken(task.getToken())
                .setAttempt(task.getAttempt())
                .setPriority(task.getPriority())
                .setSubmittedAtMs(task.getSubmittedAtMs())
                .setDeadlineMs(task.getDeadlineMs())
                .putAllLabels(task.getLabelsMap())
                .setContentType(task.getContentType())
                .setTraceparent(task.getTraceparent())
                .setDefinition(task.getDefinition());
        if (task.hasPlan()) {
            view.setPlan(task.getPlan());
        }
        return withInput ? view.setInput(task.getInput()).build() : view.build();
    }

    @Override
    public synchronized Future<List<Loaded>> loadOpen() {
        return Future.succeededFuture(newestFirst().toList().reversed().stream()
                .filter(kept -> OPEN.contains(kept.task().getState()))
                .map(InMemoryTaskStore::loaded)
                .toList());
    }

    /** Ids grow with time, by their text. */
    private Stream<Kept> newestFirst() {
        Map<String, Kept> byId = new TreeMap<>(Comparator.reverseOrder());
        tasks.values().forEach(kept -> byId.put(kept.task().getId(), kept));
        return byId.values().stream();
    }

    private static Loaded loaded(Kept kept) {
        TaskView task = kept.task();
        TaskSpec spec = new TaskSpec(
                UUID.fromString(task.getId()),
                task.getSkill(),
                task.getVersionRange(),
                task.getTenant(),
                task.getPriority(),
                Instant.ofEpochMilli(task.getSubmittedAtMs()),
                Optional.of(task.getDeadlineMs()).filter(at -> at != 0).map(Instant::ofEpochMilli),
                task.getMaxAttempts(),
                task.hasPlan() ? TaskPlan.of(task.getPlan()) : TaskPlan.NONE);
        return new Loaded(
                spec,
                task.getState(),
                task.getAttempt(),
                task.getToken(),
                task.getAgent(),
                kept.notBefore(),
                !task.getDecidedBy().isEmpty(),
                task.getRevision());
    }

    @Override
    public synchronized Future<Optional<TaskView>> find(UUID id) {
        return Future.succeededFuture(Optional.ofNullable(tasks.get(id)).map(Kept::task));
    }

    @Override
    public synchronized Future<List<TaskView>> findAll(List<UUID> ids) {
        return Future.succeededFuture(ids.stream()
                .filter(tasks::containsKey)
                .map(id -> tasks.get(id).task())
                .toList());
    }

    @Override
    public synchronized Future<Map<UUID, String>> states(List<UUID> ids) {
        return findAll(ids).map(found -> {
            Map<UUID, String> states = new HashMap<>();
            found.forEach(task -> states.put(UUID.fromString(task.getId()), task.getState()));
            return states;
        });
    }

    @Override
    public synchronized Future<List<TaskView>> list(Filter filter, Optional<UUID> below, int limit) {
        return Future.succeededFuture(newestFirst()
                .map(Kept::task)
                .filter(task -> filter.state().isEmpty() || task.getState().equals(filter.state()))
                .filter(task -> filter.skill().isEmpty() || task.getSkill().equals(filter.skill()))
                .filter(task -> filter.parent()
                        .map(parent -> task.getPlan().getParent().equals(parent.toString()))
                        .orElse(true))
                .filter(task ->
                        below.isEmpty() || task.getId().compareTo(below.get().toString()) < 0)
                .limit(limit)
                .map(task -> task.toBuilder().clearInput().clearOutput().build())
                .toList());
    }

    @Override
    public synchronized Future<Trees> trees(List<UUID> roots) {
        Map<UUID, Budget.Spent> spent = new HashMap<>();
        Map<UUID, Integer> children = new HashMap<>();
        for (Kept kept : tasks.values()) {
            TaskPlan plan = TaskPlan.of(kept.task().getPlan());
            UUID root = plan.root().orElse(UUID.fromString(kept.task().getId()));
            if (roots.contains(root)) {
                Usage used = kept.task().getUsed();
                spent.merge(root, new Budget.Spent(used.getTokens(), used.getCostMicros()), Budget.Spent::plus);
                plan.parent().ifPresent(parent -> children.merge(parent, 1, Integer::sum));
            }
        }
        return Future.succeededFuture(new Trees(spent, children));
    }

    @Override
    public synchronized Future<List<UUID>> openBelow(UUID ancestor) {
        return Future.succeededFuture(below(ancestor.toString()));
    }

    private List<UUID> below(String ancestor) {
        List<UUID> open = new ArrayList<>();
        for (Kept kept : tasks.values()) {
            TaskView task = kept.task();
            if (task.getPlan().getParent().equals(ancestor)) {
                if (OPEN.contains(task.getState())) {
                    open.add(UUID.fromString(task.getId()));
                }
                open.addAll(below(task.getId()));
            }
        }
        return open;
    }

    @Override
    public synchronized Future<List<TaskEvent>> events(UUID task, long afterRevision, int limit) {
        List<TaskEvent> events =
                Optional.ofNullable(tasks.get(task)).map(Kept::events).orElse(List.of());
        return Future.succeededFuture(events.stream()
                .filter(event -> event.getRevision() > afterRevision)
                .limit(limit)
                .toList());
    }
}
