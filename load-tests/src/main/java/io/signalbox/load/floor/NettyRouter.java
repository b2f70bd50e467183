package io.signalbox.load.floor;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.util.concurrent.EventExecutor;
import io.signalbox.load.dialect.Stamp;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The least that a message router over WebSocket can be: no identity, no permission, no metrics, no bounds. What it
 * costs is what the kernel and Netty cost; everything above that is what a product adds.
 */
public final class NettyRouter {
    private static final int MAX_AGENTS = 1 << 20;

    private final AtomicReferenceArray<Channel> agents = new AtomicReferenceArray<>(MAX_AGENTS);
    private final Set<Channel> fanOut = ConcurrentHashMap.newKeySet();

    private final Map<EventLoop, Outbox> outboxes = new HashMap<>();

    private NettyRouter(EventLoopGroup loops) {
        for (EventExecutor loop : loops) {
            outboxes.put((EventLoop) loop, new Outbox((EventLoop) loop));
        }
    }

    /** Arguments: port, event loops. */
    public static void main(String[] arguments) throws InterruptedException {
        MultiThreadIoEventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(Integer.parseInt(arguments[1]), EpollIoHandler.newFactory());
        NettyRouter router = new NettyRouter(loops);
        new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpObjectAggregator(8192))
                                .addLast(new WebSocketServerProtocolHandler("/", null, false, 65_536, false, true))
                                .addLast(router.new Connection());
                    }
                })
                .bind("127.0.0.1", Integer.parseInt(arguments[0]))
                .sync()
                .channel()
                .closeFuture()
                .sync();
    }

    /** One client. */
    private final class Connection extends SimpleChannelInboundHandler<BinaryWebSocketFrame> {
        private boolean registered;

        @Override
        protected void channelRead0(ChannelHandlerContext context, BinaryWebSocketFrame frame) {
            if (registered) {
                route(frame.content());
            } else {
                registered = true;
                register(context, frame.content());
            }
        }

        private void register(ChannelHandlerContext context, ByteBuf content) {
            int first = content.readInt();
            int count = content.readInt();
            for (int agent = first; agent < first + count; agent++) {
                agents.set(agent, context.channel());
            }
            if (content.readByte() == 1) {
                fanOut.add(context.channel());
            }
            context.writeAndFlush(
                    new BinaryWebSocketFrame(context.alloc().buffer(1).writeByte(1)));
            if (context.pipeline().get(HttpObjectAggregator.class) != null) {
                context.pipeline().remove(HttpObjectAggregator.class);
            }
        }

        private void route(ByteBuf content) {
            int to = content.getInt(content.readerIndex());
            if (to == Stamp.TO_ALL) {
                fanOut.forEach(channel -> send(channel, content));
            } else {
                Channel channel = agents.get(to);
                if (channel != null) {
                    send(channel, content);
                }
            }
        }

        private void send(Channel channel, ByteBuf content) {
            outboxes.get(channel.eventLoop()).add(channel, content.retainedDuplicate());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            fanOut.remove(context.channel());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
