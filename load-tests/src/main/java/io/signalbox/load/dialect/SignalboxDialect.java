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

/** Signalbox's own wire, in Protobuf: Hello with a token, one Attach for each agent. */
final class SignalboxDialect implements Dialect {
    private static final int ADDRESS_TAG = Message.ADDRESS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int PAYLOAD_TAG = Message.PAYLOAD_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final byte[] PONG = Frame.newBuilder()
            .addEntries(Entry.newBuilder().setPong(Pong.getDefaultInstance()))
            .build()
            .toByteArray();

    private final Agents agents;
    private final String token;
    private final WebSocketFraming framing = new WebSocketFraming();
    private final FrameReader frames = new FrameReader();
    private boolean welcomed;
    private int awaited;

    SignalboxDialect(Agents agents, String token) {
        this.agents = agents;
        this.token = token;
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
            case EntryKind.ATTACHED, EntryKind.RECEIPT -> {
                if (--awaited == 0) {
                    events.ready();
                }
            }
            case EntryKind.ERROR -> error(bytes, events);
            case EntryKind.GO_AWAY -> {}
            default -> throw new DialectException("unexpected entry of kind " + frames.kind());
        }
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
        if (!welcomed || awaited > 0) {
            throw new DialectException(
                    "refused: " + error.getCode() + " " + error.getMessage(), error.getRetryAfterMs());
        }
        events.refused(error.getCode() + " " + error.getMessage());
    }

    private void message(byte[] bytes, Events events) throws IOException, DialectException {
        CodedInputStream body = CodedInputStream.newInstance(bytes, frames.bodyOffset(), frames.bodyLength());
        int agent = agents.first() + Math.max(0, frames.agent() - 1);
        for (int tag = body.readTag(); tag != 0; tag = body.readTag()) {
            if (tag == PAYLOAD_TAG) {
                int length = body.readRawVarint32();
                events.received(agent, bytes, frames.bodyOffset() + body.getTotalBytesRead(), length);
                return;
            }
            body.skipField(tag);
        }
        throw new DialectException("a message without a payload");
    }

    @Override
    public void publish(ByteBuf out, int from, int to, byte[] payload) {
        byte[] address = Agents.address(to).getBytes(StandardCharsets.US_ASCII);
        int body = 1
                + CodedOutputStream.computeUInt32SizeNoTag(address.length)
                + address.length
                + 1
                + CodedOutputStream.computeUInt32SizeNoTag(payload.length)
                + payload.length;
        byte[] frame = Scratch.toWrite(body + FrameWriter.MAX_PREFIX);
        int handle = from - agents.first() + 1;
        int at = FrameWriter.prefix(frame, 0, handle, 0, EntryKind.MESSAGE, body);
        CodedOutputStream content = CodedOutputStream.newInstance(frame, at, body);
        try {
            content.writeUInt32NoTag(ADDRESS_TAG);
            content.writeUInt32NoTag(address.length);
            content.writeRawBytes(address);
            content.writeUInt32NoTag(PAYLOAD_TAG);
            content.writeUInt32NoTag(payload.length);
            content.writeRawBytes(payload);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        framing.binary(out, frame, at + body);
    }
}
