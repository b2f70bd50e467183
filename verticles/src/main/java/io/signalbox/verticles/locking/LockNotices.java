package io.signalbox.verticles.locking;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.signalbox.bus.MessageBus;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.JsonCodec;
import io.signalbox.codecs.proto.BarrierAnswer;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.LockAnswer;
import io.signalbox.codecs.proto.LockState;
import io.signalbox.codecs.proto.Message;
import io.signalbox.verticles.locking.LockStore.Event;
import java.util.List;

/**
 * Tells agents what became of their claims, at the node that has them. It is told once: who misses it learns it when it renews.
 * Thread-safe.
 */
final class LockNotices {
    private static final int PRIORITY = 9;

    private final MessageBus bus;
    private final LockMeters meters;

    LockNotices(MessageBus bus, LockMeters meters) {
        this.bus = bus;
        this.meters = meters;
    }

    void tell(List<Event> events) {
        events.forEach(this::tell);
    }

    private void tell(Event event) {
        meters.happened(event);
        LockAnswer.Builder answer = LockAnswer.newBuilder()
                .setName(event.name())
                .setHolder(event.owner().holder())
                .setToken(event.token());
        switch (event.kind()) {
            case GRANTED ->
                tell(
                        event,
                        "LockGranted",
                        answer.setState(LockState.LOCK_STATE_HELD)
                                .setLeaseMs((int) event.lease().toMillis()));
            case REVOKED -> tell(event, "LockRevoked", answer.setReason("taken by one of higher priority"));
            case LAPSED -> tell(event, "LockLapsed", answer.setReason("not renewed within its lease"));
            case GAVE_UP -> {
                // It wanted to wait no longer, and knows.
            }
        }
    }

    private void tell(Event event, String type, LockAnswer.Builder answer) {
        tell(event.owner().agent(), event.generation(), type, answer.build());
    }

    void passed(String agent, long generation, BarrierAnswer answer) {
        tell(agent, generation, "BarrierPassed", answer);
    }

    private void tell(String agent, long generation, String type, com.google.protobuf.Message body) {
        Message.Builder message = Message.newBuilder()
                .setAddress("agent/" + agent)
                .setSource(LockVerticle.ADDRESS)
                .setType(type)
                .setPayload(ByteString.copyFrom(JsonCodec.write(body)));
        MessageLite entry = Entry.newBuilder().setMessage(message).build();
        bus.publish(EncodedMessage.of(Message.newBuilder()
                .setAddress("$sys/agent/" + agent + "/" + generation)
                .setType("Entry")
                .setPriority(PRIORITY)
                .setPayload(entry.toByteString())
                .build()));
    }
}
