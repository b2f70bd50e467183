package io.signalbox.load.benchmark;

import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.FrameReader;
import io.signalbox.codecs.FrameWriter;
import io.signalbox.codecs.JsonCodec;
import io.signalbox.codecs.MessageReader;
import io.signalbox.codecs.proto.Message;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The wire, in and out, each step by itself. Not final: JMH extends it. */
@State(Scope.Thread)
public class CodecBenchmark {
    private static final int MAX_FRAME = 1 << 20;

    private final EncodedMessage message = Sample.message(Sample.ADDRESS);
    private final byte[] frame = Sample.frame(message);
    private final byte[] json = JsonCodec.messageEntryToJson(Sample.HANDLE, message);
    private final byte[] prefix = new byte[FrameWriter.MAX_PREFIX];
    private final FrameReader frames = new FrameReader();
    private final MessageReader messages = new MessageReader();

    /** What every frame costs before anything is decided. */
    @Benchmark
    public MessageReader readHeader() throws CodecException {
        frames.reset(frame, 0, frame.length).next();
        messages.read(frame, frames.bodyOffset(), frames.bodyLength());
        return messages;
    }

    @Benchmark
    public EncodedMessage readHeaderAndStamp() throws CodecException {
        return readHeader().stamped("agent/monitor-00042", 1_795_000_000_000_000L, 1L, 2L);
    }

    @Benchmark
    public int writePrefix() {
        return FrameWriter.prefix(prefix, 0, Sample.HANDLE, 0, EntryKind.MESSAGE, message.size());
    }

    /** What services do with a message; routing does not. */
    @Benchmark
    public Message decodeAll() {
        return message.decode();
    }

    @Benchmark
    public byte[] readJson() throws CodecException {
        return JsonCodec.toFrame(json, MAX_FRAME);
    }

    /** For the first receiver that speaks JSON; with the reading of the message, which keeps its JSON once made. */
    @Benchmark
    public byte[] writeJsonFirst() throws CodecException {
        return JsonCodec.messageEntryToJson(Sample.HANDLE, readHeader().copied());
    }

    /** For each receiver after it. */
    @Benchmark
    public byte[] writeJsonNext() {
        return JsonCodec.messageEntryToJson(Sample.HANDLE, message);
    }
}
