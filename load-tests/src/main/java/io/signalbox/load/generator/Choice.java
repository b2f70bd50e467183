package io.signalbox.load.generator;

import io.signalbox.load.dialect.Stamp;
import java.util.SplittableRandom;

/** Who sends next, and to whom. Not thread-safe. */
interface Choice {
    /** Moves on; then {@link #from} and {@link #to} tell. */
    void next();

    /** Index of an agent of this process. */
    int from();

    /** Index of any agent, or {@link Stamp#TO_ALL}. */
    int to();

    static Choice of(Order.Traffic traffic, Order.Connect order, SplittableRandom random) {
        return switch (traffic) {
            case PAIRS, REQUESTS, DURABLE -> new RandomPair(order, random);
            case SLOW_READERS -> new ToSlowReaders(order, random);
            case FAN_OUT -> new Fixed(order.layout().firstAgent(order.firstConnection()), Stamp.TO_ALL);
            case HOT -> new HotReceivers(order.layout().agents());
            case STREAM -> new NextConnection(order, random);
            case MIXED -> new Populations(order, random);
        };
    }

    /** One sender, one address. */
    record Fixed(int from, int to) implements Choice {
        @Override
        public void next() {}
    }

    /** A random agent of this process to a random other of its node. */
    final class RandomPair implements Choice {
        private final Layout layout;
        private final int firstConnection;
        private final int connections;
        private final SplittableRandom random;
        private int from;
        private int to;

        RandomPair(Order.Connect order, SplittableRandom random) {
            this.layout = order.layout();
            this.firstConnection = order.firstConnection();
            this.connections = order.connections();
            this.random = random;
        }

        @Override
        public void next() {
            int connection = firstConnection + random.nextInt(connections);
            from = randomAgentOf(connection);
            do {
                to = randomAgentOf(layout.beside(connection, random.nextInt(layout.connectionsBeside(connection))));
            } while (to == from && hasOther(connection));
        }

        private boolean hasOther(int connection) {
            return layout.connectionsBeside(connection) > 1 || layout.agentsOf(connection) > 1;
        }

        private int randomAgentOf(int connection) {
            return layout.firstAgent(connection) + random.nextInt(layout.agentsOf(connection));
        }

        @Override
        public int from() {
            return from;
        }

        @Override
        public int to() {
            return to;
        }
    }

    /** The first ten agents receive, the next fifty send, each to one after the other. */
    final class HotReceivers implements Choice {
        private static final int RECEIVERS = 10;
        private static final int SENDERS = 50;

        private final int senders;
        private int turn;

        HotReceivers(int agents) {
            if (agents <= RECEIVERS) {
                throw new IllegalArgumentException("needs more than " + RECEIVERS + " agents");
            }
            this.senders = Math.min(SENDERS, agents - RECEIVERS);
        }

        @Override
        public void next() {
            turn++;
        }

        @Override
        public int from() {
            return RECEIVERS + turn % senders;
        }

        @Override
        public int to() {
            return turn / senders % RECEIVERS;
        }
    }

    /** An agent of each connection in turn to a random one of the connection after it. */
    final class NextConnection implements Choice {
        private final Layout layout;
        private final SplittableRandom random;
        private int turn;
        private int from;
        private int to;

        NextConnection(Order.Connect order, SplittableRandom random) {
            this.layout = order.layout();
            this.random = random;
        }

        @Override
        public void next() {
            int connection = turn++ % layout.connections();
            int other = (connection + 1) % layout.connections();
            from = layout.firstAgent(connection) + random.nextInt(layout.agentsOf(connection));
            to = layout.firstAgent(other) + random.nextInt(layout.agentsOf(other));
        }

        @Override
        public int from() {
            return from;
        }

        @Override
        public int to() {
            return to;
        }
    }
}
