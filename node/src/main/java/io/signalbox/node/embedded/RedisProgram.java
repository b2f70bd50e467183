package io.signalbox.node.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Redis 7.0 with an append-only file that is synced before each answer. Its files lie in {@code <folder>/files}. */
final class RedisProgram implements StoreProgram {
    private static final int TIMEOUT_MILLIS = 2000;

    private final Path folder;
    private final Path files;
    private final Binaries binaries;
    private Path program = Path.of("");

    RedisProgram(Path folder, Binaries binaries) {
        this.folder = folder;
        this.files = folder.resolve("files");
        this.binaries = binaries;
    }

    @Override
    public String name() {
        return "Redis";
    }

    @Override
    public void prepare(StoreSettings settings) throws IOException {
        program = binaries.redis();
        Files.createDirectories(files);
    }

    /** The password is in the file, not in the command line, which every user of the machine can read. */
    @Override
    public List<String> command(StoreSettings settings) throws IOException {
        Path file = folder.resolve("redis.conf");
        Files.deleteIfExists(file);
        StoreSettings.createPrivate(file);
        Files.writeString(file, configuration(settings));
        return List.of(program.toString(), file.toString(), "--syslog-ident", settings.marker());
    }

    private String configuration(StoreSettings settings) {
        return """
                bind 127.0.0.1
                port %d
                requirepass %s
                dir "%s"
                daemonize no
                appendonly yes
                appendfsync always
                no-appendfsync-on-rewrite no
                save ""
                maxmemory-policy noeviction
                maxclients 256
                # The command line is how a later node recognises this server.
                set-proc-title no
                """.formatted(settings.port(), settings.password().reveal(), files);
    }

    @Override
    public Optional<Map<String, String>> facts(StoreSettings settings) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), settings.port()), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            Conversation conversation = new Conversation(socket);
            String welcome = conversation.ask("AUTH " + settings.password().reveal());
            if (!welcome.startsWith("+")) {
                throw new StoreException("Redis refuses the password in " + folder + ": " + welcome);
            }
            if (conversation.ask("PING").startsWith("-LOADING")) {
                return Optional.empty();
            }
            Map<String, String> facts = new LinkedHashMap<>();
            facts.put("redis.version", conversation.version());
            for (String name : List.of("appendonly", "appendfsync")) {
                facts.put("redis." + name, conversation.setting(name));
            }
            return Optional.of(facts);
        } catch (ConnectException notYet) {
            return Optional.empty();
        }
    }

    @Override
    public Map<String, String> demanded() {
        return Map.of("redis.appendonly", "yes", "redis.appendfsync", "always");
    }

    @Override
    public List<StopStep> stopSteps() {
        return List.of(
                new StopStep(Signal.TERM, Duration.ofSeconds(10)), new StopStep(Signal.KILL, Duration.ofSeconds(5)));
    }

    @Override
    public StoreAddress address(StoreSettings settings) {
        return new StoreAddress("redis://127.0.0.1:" + settings.port(), "", settings.password());
    }

    /** A few inline commands of the Redis protocol. */
    private record Conversation(Socket socket, BufferedReader reader) {
        Conversation(Socket socket) throws IOException {
            this(socket, new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)));
        }

        String ask(String command) throws IOException {
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            return line();
        }

        /** The answer is an array of the name and the value, each a length and a text. */
        String setting(String name) throws IOException {
            if (!ask("CONFIG GET " + name).equals("*2")) {
                throw new IOException("Redis does not know its setting " + name);
            }
            line();
            line();
            line();
            return line();
        }

        /** The answer is one text with a line for each fact. */
        String version() throws IOException {
            int left = Integer.parseInt(ask("INFO server").substring(1));
            String version = "";
            while (left > 0) {
                String fact = line();
                left -= fact.getBytes(StandardCharsets.UTF_8).length + 2;
                if (fact.startsWith("redis_version:")) {
                    version = fact.substring("redis_version:".length());
                }
            }
            line();
            return version;
        }

        private String line() throws IOException {
            String line = reader.readLine();
            if (line == null) {
                throw new IOException("Redis closed the connection");
            }
            return line;
        }
    }
}
