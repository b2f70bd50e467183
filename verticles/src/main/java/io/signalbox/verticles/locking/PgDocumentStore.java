package io.signalbox.verticles.locking;

import com.google.protobuf.UnsafeByteOperations;
import io.signalbox.codecs.proto.Document;
import io.signalbox.verticles.postgres.PostgresStore;
import io.signalbox.verticles.postgres.SqlFile;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.Locale;
import java.util.Optional;

/** Documents in PostgreSQL. Thread-safe. */
public final class PgDocumentStore implements DocumentStore {
    private static final String GET = SqlFile.read(PgDocumentStore.class, "get-document.sql");
    private static final String PUT = SqlFile.read(PgDocumentStore.class, "put-document.sql");

    private final PostgresStore postgres;
    private final int maxDocuments;

    public PgDocumentStore(PostgresStore postgres, int maxDocuments) {
        this.postgres = postgres;
        this.maxDocuments = maxDocuments;
    }

    @Override
    public Future<Optional<Document>> get(String name) {
        return postgres.query(GET, Tuple.of(name)).map(rows -> {
            Optional<Document> found = Optional.empty();
            for (Row row : rows) {
                found = Optional.of(document(row));
            }
            return found;
        });
    }

    private static Document document(Row row) {
        return Document.newBuilder()
                .setName(row.getString("name"))
                .setRevision(row.getLong("revision"))
                .setToken(row.getLong("token"))
                .setContentType(row.getString("content_type"))
                .setPayload(
                        UnsafeByteOperations.unsafeWrap(row.getBuffer("content").getBytes()))
                .setWriter(row.getString("writer"))
                .setWrittenAt(row.getLong("written_at"))
                .build();
    }

    @Override
    public Future<Result> put(Document document) {
        Tuple arguments = Tuple.tuple()
                .addValue(document.getName())
                .addValue(document.getRevision())
                .addValue(document.getToken())
                .addValue(document.getContentType())
                .addValue(Buffer.buffer(document.getPayload().toByteArray()))
                .addValue(document.getWriter())
                .addValue(document.getWrittenAt())
                .addValue((long) maxDocuments);
        return postgres.query(PUT, arguments).map(rows -> {
            Row row = rows.iterator().next();
            return new Result(
                    Outcome.valueOf(row.getString("outcome").toUpperCase(Locale.ROOT)),
                    row.getLong("revision"),
                    row.getLong("token"));
        });
    }
}
