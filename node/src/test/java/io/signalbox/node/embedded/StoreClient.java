package io.signalbox.node.embedded;

import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Asks the stores in tests, each time over a new connection. */
final class StoreClient {
    private StoreClient() {}

    static void execute(StoreAddress postgres, String sql) throws SQLException {
        try (Connection connection = connect(postgres, postgres.password().reveal());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static String query(StoreAddress postgres, String sql) throws SQLException {
        try (Connection connection = connect(postgres, postgres.password().reveal());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    static Connection connect(StoreAddress postgres, String password) throws SQLException {
        return DriverManager.getConnection("jdbc:" + postgres.url() + "?connectTimeout=5", postgres.user(), password);
    }

    /** The first part of the answer to an inline command. */
    static String redis(StoreAddress redis, String password, String command) throws Exception {
        URI uri = URI.create(redis.url());
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.setSoTimeout(5000);
            String login = password.isEmpty() ? "" : "AUTH " + password + "\r\n";
            socket.getOutputStream().write((login + command + "\r\nQUIT\r\n").getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
