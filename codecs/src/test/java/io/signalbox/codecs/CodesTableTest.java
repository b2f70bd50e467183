package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code codes.csv} is the one table: the enum and the documentation are written from it. */
class CodesTableTest {
    /** Set it to write both anew: {@code mvn test -pl codecs -Dsignalbox.regenerate=true}. */
    private static final boolean REGENERATE = Boolean.getBoolean("signalbox.regenerate");

    private static final Path TABLE = Path.of("src/main/resources/io/signalbox/codecs/codes.csv");
    private static final Path ENUM = Path.of("src/main/java/io/signalbox/codecs/Code.java");
    private static final Path DOCUMENT = Path.of("../docs/codes.md");

    private record Row(int number, String name, int http, boolean retry, String meaning) {
        static Row of(String line) {
            String[] cells = line.split(",", 5);
            assertThat(cells).as(line).hasSize(5);
            return new Row(
                    Integer.parseInt(cells[0]), cells[1], Integer.parseInt(cells[2]), cells[3].equals("yes"), cells[4]);
        }
    }

    private static List<Row> rows() throws IOException {
        return Files.readAllLines(TABLE).stream().skip(1).map(Row::of).toList();
    }

    @Test
    void shouldHaveAnEnumThatSaysWhatTheTableSays() throws IOException {
        String source = Files.readString(ENUM);
        int from = source.indexOf("    /** ");
        int to = source.indexOf("    private static final Map");
        String constants = constants();
        if (REGENERATE) {
            Files.writeString(ENUM, source.substring(0, from) + constants + source.substring(to));
        }
        assertThat(Files.readString(ENUM)).contains(constants);
    }

    private static String constants() throws IOException {
        return rows().stream()
                .map(row -> "    /** %s. */\n    %s(%d, %d, %s)"
                        .formatted(row.meaning(), row.name(), row.number(), row.http(), row.retry()))
                .collect(Collectors.joining(",\n\n", "", ";\n\n"));
    }

    @Test
    void shouldHaveADocumentThatSaysWhatTheTableSays() throws IOException {
        String document = document();
        if (REGENERATE) {
            Files.writeString(DOCUMENT, document);
        }
        assertThat(DOCUMENT).hasContent(document);
    }

    private static String document() throws IOException {
        return """
                # Codes

                Written by `CodesTableTest` from `codes.csv`; do not edit. See `CONTRIBUTING.md` on how to add a code.

                Every error has a number and a name. The range says what to do, also about numbers that you do not know yet:

                | range | what to do |
                |---|---|
                | 1000 to 1999 | Try again later; `retryAfterMs` on the wire and `Retry-After` over HTTP say when |
                | 2000 to 2999 | Authenticate again |
                | 3000 to 3999 | Do not repeat it unchanged |
                | 4000 to 4199 | The connection was closed: reconnect |
                | 4200 to 4399 | The connection was closed: authenticate again, then reconnect |
                | 4400 to 4999 | The connection was closed: do not reconnect unchanged |

                Numbers from 4000 are close codes of the WebSocket. Over HTTP an error is a problem document (RFC 9457) whose
                `code` is the name and whose `type` is `urn:signalbox:code:` and the number.

                | number | name | HTTP | try again | meaning |
                |---|---|---|---|---|
                """ + rows().stream().map(CodesTableTest::line).collect(Collectors.joining());
    }

    private static String line(Row row) {
        return "| %d | `%s` | %s | %s | %s |\n"
                .formatted(
                        row.number(),
                        row.name(),
                        row.http() == 0 ? "" : Integer.toString(row.http()),
                        row.retry() ? "yes" : "no",
                        row.meaning());
    }

    @Test
    void shouldMeanByTheRangeWhatTheRangeSays() throws IOException {
        for (Row row : rows()) {
            boolean mayPass = row.number() / 1000 == 1 || row.number() >= 4000 && row.number() < 4200;
            assertThat(row.retry()).as("%s may be tried again", row).isEqualTo(mayPass);
            assertThat(row.http() == 0).as("%s is a close code", row).isEqualTo(row.number() >= 4000);
            assertThat(row.meaning()).as("%s", row).doesNotEndWith(".");
        }
    }
}
