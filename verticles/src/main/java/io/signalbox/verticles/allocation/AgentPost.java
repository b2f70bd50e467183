package io.signalbox.verticles.allocation;

import com.google.protobuf.ByteString;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.codecs.proto.Assign;
import io.signalbox.codecs.proto.CancelAssignment;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Message;
import io.signalbox.codecs.proto.Progress;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.allocation.TaskStore.Changed;
import java.time.Instant;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends to agents through the gateway that holds them, and tells what happened to tasks. Thread-safe. */
final class AgentPost {
    private static final Logger log = LoggerFactory.getLogger(AgentPost.class);
    private static final int LOWEST_PRIORITY = 0;
    private static final int HIGHEST_PRIORITY = 9;

    private final MessageBus bus;

    AgentPost(MessageBus bus) {
        this.bus = bus;
    }

    /** @return false: no gateway took it; send it again */
    boolean assign(Outgoing outgoing) {
        Effect.Assign effect = outgoing.effect();
        TaskView task = outgoing.task();
        Assign assign = Assign.newBuilder()
                .setTask(task.getId())
                .setToken(effect.token())
                .setSkill(task.getSkill())
                .setSkillVersion(effect.skillVersion())
                .setAttempt(effect.attempt())
                .setPriority(task.getPriority())
                .setLeaseMs((int) effect.lease().toMillis())
                .setDeadline(task.getDeadlineMs())
                .setTraceparent(task.getTraceparent())
                .setContentType(task.getContentType())
                .putAllLabels(task.getLabelsMap())
                .setInput(task.getInput())
                .addAllRequirements(outgoing.results())
                .setIdempotencyKey(task.getId())
                .setDefinition(task.getDefinition())
                .build();
        return send(effect.agent(), effect.generation(), Entry.newBuilder().setAssign(assign));
    }

    /** @return false: no gateway took it */
    boolean withdraw(Effect.Withdraw effect) {
        CancelAssignment cancel = CancelAssignment.newBuilder()
                .setTask(effect.task().toString())
                .setToken(effect.token())
                .setCode(effect.code().number())
                .setMessage(effect.reason())
                .build();
        return send(effect.agent(), effect.generation(), Entry.newBuilder().setCancelAssignment(cancel));
    }

    /**
     * Puts another version of its definition into the agent's inbox. Assignments name theirs in any case.
     *
     * @param definition {@code name@version}
     * @return false: there was no room for it; tell it again
     */
    boolean tellDefinition(String agent, String definition) {
        OfferResult result = bus.publish(EncodedMessage.of(Message.newBuilder()
                .setAddress("agent/" + agent)
                .setSource("$sys/allocation")
                .setType("signalbox.definition")
                .setPriority(HIGHEST_PRIORITY)
                .setContentType("text/plain")
                .setPayload(ByteString.copyFromUtf8(definition))
                .build()));
        return result != OfferResult.BACK_PRESSURED;
    }

    private boolean send(String agent, long generation, Entry.Builder entry) {
        OfferResult result = bus.publish(EncodedMessage.of(Message.newBuilder()
                .setAddress("$sys/agent/" + agent + "/" + generation)
                .setType("Entry")
                .setPriority(HIGHEST_PRIORITY)
                .setPayload(entry.build().toByteString())
                .build()));
        return result == OfferResult.ACCEPTED;
    }

    /** Tells whoever listens at {@code task/{id}}. What is told here is stored already, so nobody has to listen. */
    void tell(String type, Instant at, Detail detail, Changed stored) {
        tell(event(type, at, detail, stored));
    }

    void submitted(UUID task, Instant at) {
        tell(TaskEvent.newBuilder()
                .setTask(task.toString())
                .setRevision(1)
                .setType("submitted")
                .setAtMs(at.toEpochMilli())
                .build());
    }

    /** Tells whoever listens just now; it is kept nowhere. */
    void partial(String agent, Progress said, int attempt, Instant at) {
        tell(TaskEvent.newBuilder()
                .setTask(said.getTask())
                .setType("partial")
                .setAtMs(at.toEpochMilli())
                .setAgent(agent)
                .setToken(said.getToken())
                .setAttempt(attempt)
                .setContentType(said.getContentType())
                .setPartial(said.getPartial())
                .build());
    }

    private void tell(TaskEvent event) {
        OfferResult result = bus.publish(EncodedMessage.of(Message.newBuilder()
                .setAddress("task/" + event.getTask())
                .setSource("$sys/allocation")
                .setType("TaskEvent")
                .setPriority(LOWEST_PRIORITY)
                .setContentType("application/protobuf")
                .setTime(event.getAtMs() * 1000)
                .setPayload(event.toByteString())
                .build()));
        if (result == OfferResult.BACK_PRESSURED) {
            log.debug("A listener to task {} does not keep up", event.getTask());
        }
    }

    /** The same as is read from the store later. */
    private static TaskEvent event(String type, Instant at, Detail detail, Changed stored) {
        TaskView task = stored.task();
        TaskEvent.Builder event = TaskEvent.newBuilder()
                .setTask(task.getId())
                .setRevision(stored.revision())
                .setType(type)
                .setAtMs(at.toEpochMilli())
                .setAgent(task.getAgent())
                .setToken(task.getToken())
                .setAttempt(task.getAttempt())
                .setDefinition(task.getDefinition());
        return switch (detail) {
            case Detail.Approved approved ->
                event.setBy(approved.by()).setReason(approved.reason()).build();
            case Detail.Disapproved refused ->
                event.setBy(refused.by())
                        .setReasonCode(Code.APPROVAL_REFUSED.number())
                        .setReason(refused.reason())
                        .build();
            case Detail.Released ignored -> event.build();
            case Detail.Assigned assigned -> event.setReason(assigned.why()).build();
            case Detail.Progressed progressed ->
                event.setPercent(progressed.percent())
                        .setMessage(progressed.message())
                        .build();
            case Detail.Requeued requeued ->
                event.setReasonCode(requeued.code().number())
                        .setReason(requeued.reason())
                        .build();
            case Detail.Ended ended ->
                event.setReasonCode(ended.code().map(Code::number).orElse(0))
                        .setReason(ended.reason())
                        .build();
        };
    }
}
