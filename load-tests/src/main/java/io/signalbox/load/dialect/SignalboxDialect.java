package io.signalbox.load.dialect;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.netty.buffer.ByteBuf;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.FrameReader;
import io.signalbox.codecs.FrameWriter;
import io.signalbox.codecs.proto.Attach;
import io.signalbox.codecs.proto.Delivery;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Error;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Hello;
import io.signalbox.codecs.proto.Message;
import io.signalbox.codecs.proto.Pong;
import io.signalbox.codecs.proto.Subscribe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Signalbox's own wire, in Protobuf: Hello with a token, one Attach for each agent. Deliveries are acknowledged once for each
 * read and agent.
 */
final class SignalboxDialect implements Dialect {
    private static final int ADDRESS_TAG = Message.ADDRESS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int DURABILITY_TAG = Message.DURABILITY_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;
    private static final int PAYLOAD_TAG = Message.PAYLOAD_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int NUMBER_TAG = Delivery.NUMBER_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;
    private static final int ATTEMPT_TAG = Delivery.ATTEMPT_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;
    private static final int MESSAGE_TAG = Delivery.MESSAGE_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final byte[] PONG = Frame.newBuilder()
            .addEntries(Entry.newBuilder().setPong(Pong.getDefaultInstance()))
            .build()
            .toByteArray();

    private final Agents agents;
    private final String token;
    private final Acknowledgements acknowledgements;
    private final WebSocketFraming framing = new WebSocketFraming();
    private final FrameReader frames = new FrameReader();
    private boolean welcomed;
    private int awaited;

    SignalboxDialect(Agents agents, String token) {
        this.agents = agents;
        this.token = token;
        this.acknowledgements = new Acknowledgements(agents.count());
    }

    @Override
    public void begin(ByteBuf out) {
        WebSocketFraming.upgrade(out, "/v1/connect", "signalbox.v1.proto");
    }

    @Override
    public void read(ByteBuf in, ByteBuf out, Events events) throws DialectException {
        if (framing.upgradeDone(in)) {
            send(
                    out,
                    Frame.newBuilder()
                            .addEntries(Entry.newBuilder()
                                    .setHello(Hello.newBuilder().setToken(token).setClient("signalbox-load"))));
        }
        if (framing.isUpgraded()) {
            framing.read(in, out, (bytes, offset, length) -> frame(bytes, offset, length, out, events));
        }
        if (!acknowledgements.isEmpty()) {
            byte[] frame = Scratch.toWrite(acknowledgements.maxBytes());
            framing.binary(out, frame, acknowledgements.writeTo(frame));
        }
    }

    private void send(ByteBuf out, Frame.Builder frame) {
        byte[] bytes = frame.build().toByteArray();
        framing.binary(out, bytes, bytes.length);
    }

    private void frame(byte[] bytes, int offset, int length, ByteBuf out, Events events) throws DialectException {
        try {
            frames.reset(bytes, offset, length);
            while (frames.next()) {
                entry(bytes, out, events);
            }
        } catch (CodecException | IOException e) {
            throw new DialectException("a frame that does not parse: " + e.getMessage());
        }
    }

    private void entry(byte[] bytes, ByteBuf out, Events events) throws IOException, DialectException {
        switch (frames.kind()) {
            case EntryKind.MESSAGE -> message(bytes, events);
            case EntryKind.PING -> framing.binary(out, PONG.clone(), PONG.length);
            case EntryKind.WELCOME -> attach(out);
            case EntryKind.DELIVERY -> delivery(bytes, events);
            case EntryKind.ATTACHED, EntryKind.RECEIPT -> {
                if (isReady()) {
                    events.acknowledged(frames.ref());
                } else if (--awaited == 0) {
                    events.ready();
                }
            }
            case EntryKind.ERROR -> error(bytes, events);
            case EntryKind.GO_AWAY -> {}
            default -> throw new DialectException("unexpected entry of kind " + frames.kind());
        }
    }

    private boolean isReady() {
        return welcomed && awaited == 0;
    }

    private void attach(ByteBuf out) {
        welcomed = true;
        Frame.Builder frame = Frame.newBuilder();
        for (int i = 0; i < agents.count(); i++) {
            int handle = i + 1;
            frame.addEntries(Entry.newBuilder()
                    .setAgent(handle)
                    .setRef(handle)
                    .setAttach(Attach.newBuilder().setId(Agents.id(agents.first() + i))));
            awaited++;
        }
        send(out, frame);
        if (agents.fanOut()) {
            subscribe(out);
        }
    }

    /** One subscription of the connection's client: what all get, each connection gets once. */
    private void subscribe(ByteBuf out) {
        awaited++;
        send(
                out,
                Frame.newBuilder()
                        .addEntries(Entry.newBuilder()
                                .setRef(Integer.MAX_VALUE)
                                .setSubscribe(Subscribe.newBuilder().setPattern(Agents.FAN_OUT))));
    }

    private void error(byte[] bytes, Events events) throws InvalidProtocolBufferException, DialectException {
        Error error = Error.parser().parseFrom(bytes, frames.bodyOffset(), frames.bodyLength());
        if (!isReady()) {
            throw new DialectException(
                    "refused: " + error.getCode() + " " + error.getMessage(), error.getRetryAfterMs());
        }
        String what = error.getCode() + " " + error.getMessage();
        if (frames.ref() == 0) {
            events.refused(what);
        } else {
            events.refused(frames.ref(), what);
        }
    }

    private void message(byte[] bytes, Events events) throws IOException, DialectException {
        CodedInputStream body = atPayload(bytes, frames.bodyOffset(), frames.bodyLength());
        int agent = agents.first() + Math.max(0, frames.agent() - 1);
        int length = body.readRawVarint32();
        events.received(agent, bytes, frames.bodyOffset() + body.getTotalBytesRead(), length);
    }

    /** In a message, where the length of its payload stands. */
    private static CodedInputStream atPayload(byte[] bytes, int offset, int length)
            throws IOException, DialectException {
        CodedInputStream body = CodedInputStream.newInstance(bytes, offset, length);
        for (int tag = body.readTag(); tag != 0; tag = body.readTag()) {
            if (tag == PAYLOAD_TAG) {
                return body;
            }
            body.skipField(tag);
        }
        throw new DialectException("a message without a payload");
    }

    private void delivery(byte[] bytes, Events events) throws IOException, DialectException {
        CodedInputStream body = CodedInputStream.newInstance(bytes, frames.bodyOffset(), frames.bodyLength());
        long number = 0;
        int attempt = 0;
        int payload = 0;
        for (int tag = body.readTag(); tag != 0; tag = body.readTag()) {
            switch (tag) {
                case NUMBER_TAG -> number = body.readUInt64();
                case ATTEMPT_TAG -> attempt = body.readUInt32();
                case MESSAGE_TAG -> {
                    int length = body.readRawVarint32();
                    int message = frames.bodyOffset() + body.getTotalBytesRead();
                    CodedInputStream content = atPayload(bytes, message, length);
                    content.readRawVarint32();
                    payload = message + content.getTotalBytesRead();
                    body.skipRawBytes(length);
                }
                default -> body.skipField(tag);
            }
        }
        acknowledgements.delivered(frames.agent() - 1, number);
        events.delivered(agents.first() + frames.agent() - 1, bytes, payload, attempt);
    }

    @Override
    public void publish(ByteBuf out, int from, int to, byte[] payload) {
        byte[] address = Agents.address(to).getBytes(StandardCharsets.US_ASCII);
        boolean durable = Stamp.isDurable(payload);
        int body = 1
                + CodedOutputStream.computeUInt32SizeNoTag(address.length)
                + address.length
                + (durable ? 2 : 0)
                + 1
                + CodedOutputStream.computeUInt32SizeNoTag(payload.length)
                + payload.length;
        byte[] frame = Scratch.toWrite(body + FrameWriter.MAX_PREFIX);
        int handle = from - agents.first() + 1;
        long ref = durable ? Stamp.ref(payload) : 0;
        int at = FrameWriter.prefix(frame, 0, handle, ref, EntryKind.MESSAGE, body);
        CodedOutputStream content = CodedOutputStream.newInstance(frame, at, body);
        try {
            content.writeUInt32NoTag(ADDRESS_TAG);
            content.writeUInt32NoTag(address.length);
            content.writeRawBytes(address);
            if (durable) {
                content.writeUInt32NoTag(DURABILITY_TAG);
                content.writeUInt32NoTag(Durability.DURABILITY_LOCAL_VALUE);
            }
            content.writeUInt32NoTag(PAYLOAD_TAG);
            content.writeUInt32NoTag(payload.length);
            content.writeRawBytes(payload);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        framing.binary(out, frame, at + body);
    }
}
