package io.signalbox.gateway.agent;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.JsonCodec;
import io.signalbox.codecs.internal.CoordinationAnswer;
import io.signalbox.codecs.internal.CoordinationRequest;
import io.signalbox.codecs.proto.AcquireLock;
import io.signalbox.codecs.proto.ArriveAtBarrier;
import io.signalbox.codecs.proto.BarrierAnswer;
import io.signalbox.codecs.proto.Document;
import io.signalbox.codecs.proto.GetDocument;
import io.signalbox.codecs.proto.LeaveBarrier;
import io.signalbox.codecs.proto.LockAnswer;
import io.signalbox.codecs.proto.LockAnswers;
import io.signalbox.codecs.proto.PutDocument;
import io.signalbox.codecs.proto.ReleaseLock;
import io.signalbox.codecs.proto.RenewLocks;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The one service that agents may ask: what they say to it, and which right it takes. A right is one to publish, as tokens grant it: to
 * {@code lock/{name}} for a lock or barrier, to {@code document/{name}} for a document. Thread-safe.
 */
final class CoordinationDoor {
    static final String ADDRESS = "$sys/locks";

    private static final Map<String, Message> TYPES = Stream.<Message>of(
                    AcquireLock.getDefaultInstance(),
                    ReleaseLock.getDefaultInstance(),
                    RenewLocks.getDefaultInstance(),
                    ArriveAtBarrier.getDefaultInstance(),
                    LeaveBarrier.getDefaultInstance(),
                    GetDocument.getDefaultInstance(),
                    PutDocument.getDefaultInstance(),
                    LockAnswer.getDefaultInstance(),
                    LockAnswers.getDefaultInstance(),
                    BarrierAnswer.getDefaultInstance(),
                    Document.getDefaultInstance())
            .collect(Collectors.toUnmodifiableMap(
                    type -> type.getDescriptorForType().getName(), Function.identity()));

    private CoordinationDoor() {}

    /**
     * @param asked its type names what is asked, its payload is that in JSON
     * @throws ServiceException the service does not do that
     * @throws CodecException {@code MALFORMED}
     */
    static CoordinationRequest request(Attachment from, io.signalbox.codecs.proto.Message asked) throws CodecException {
        String type = asked.getType();
        Message known = TYPES.get(type);
        if (known == null) {
            throw new ServiceException(Code.UNSUPPORTED, "the service of locks does not do '" + type + "'");
        }
        Message.Builder body = known.newBuilderForType();
        JsonCodec.read(asked.getPayload().toByteArray(), body);
        return CoordinationRequest.newBuilder()
                .setAgent(from.agent())
                .setGeneration(from.generation())
                .setType(type)
                .setBody(body.build().toByteString())
                .build();
    }

    /** What the agent must be allowed to publish to; empty: nothing, it has the right to what it has. */
    static String right(CoordinationRequest request) {
        try {
            return switch (request.getType()) {
                case "AcquireLock" ->
                    "lock/" + AcquireLock.parseFrom(request.getBody()).getName();
                case "ArriveAtBarrier" ->
                    "lock/" + ArriveAtBarrier.parseFrom(request.getBody()).getName();
                case "GetDocument" ->
                    "document/" + GetDocument.parseFrom(request.getBody()).getName();
                case "PutDocument" ->
                    "document/" + PutDocument.parseFrom(request.getBody()).getName();
                default -> "";
            };
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The answer as the agent gets it. */
    static io.signalbox.codecs.proto.Message answer(Attachment to, CoordinationAnswer answer) {
        try {
            Message body = TYPES.get(answer.getType()).getParserForType().parseFrom(answer.getBody());
            return io.signalbox.codecs.proto.Message.newBuilder()
                    .setAddress(to.source())
                    .setSource(ADDRESS)
                    .setType(answer.getType())
                    .setPayload(ByteString.copyFrom(JsonCodec.write(body)))
                    .build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }
}
