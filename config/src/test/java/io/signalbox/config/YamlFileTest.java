package io.signalbox.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands in the file is taken as it is written, with the line where it stands. */
class YamlFileTest {
    private static final ConfigSchema<SignalboxConfig> SCHEMA = ConfigSchema.of(SignalboxConfig.class);

    @TempDir
    Path directory;

    private WrittenValues read(byte[] yaml) throws IOException {
        WrittenValues written = new WrittenValues();
        new YamlFile(Files.write(directory.resolve("x.yaml"), yaml), SCHEMA, written).read();
        return written;
    }

    private WrittenValues read(String yaml) throws IOException {
        return read(yaml.getBytes(StandardCharsets.UTF_8));
    }

    private RawValue value(String yaml, String key) throws IOException {
        WrittenValues written = read(yaml);
        assertThat(written.problems()).isEmpty();
        return written.get(SCHEMA.key(key).orElseThrow()).orElseThrow();
    }

    private List<String> problems(String yaml) throws IOException {
        return read(yaml).problems().stream()
                .map(problem -> problem.toString().replace(directory.toString(), "DIR"))
                .toList();
    }

    static Stream<Arguments> scalars() {
        return Stream.of(
                Arguments.of("plain", "plain"),
                Arguments.of("'it''s'", "it's"),
                Arguments.of("\"tab\\there \\u00e9\"", "tab\there \u00e9"),
                Arguments.of("a b # a comment", "a b"),
                Arguments.of("a#b", "a#b"),
                Arguments.of("C:\\dir", "C:\\dir"),
                Arguments.of("http://a:1/b", "http://a:1/b"),
                // What other readers make numbers, truths and dates of.
                Arguments.of("010", "010"),
                Arguments.of("0x10", "0x10"),
                Arguments.of("1e3", "1e3"),
                Arguments.of("1_000", "1_000"),
                Arguments.of("1.0", "1.0"),
                Arguments.of("yes", "yes"),
                Arguments.of("True", "True"),
                Arguments.of("12:30:45", "12:30:45"),
                Arguments.of("2024-01-01", "2024-01-01"),
                Arguments.of("!!str 17", "17"),
                // Nothing, unless it is quoted.
                Arguments.of("", ""),
                Arguments.of("~", ""),
                Arguments.of("null", ""),
                Arguments.of("'null'", "null"),
                Arguments.of("\"~\"", "~"),
                Arguments.of("|\n    block\n    text", "block\ntext"),
                Arguments.of(">-\n    folded\n    text", "folded text"));
    }

    @ParameterizedTest
    @MethodSource("scalars")
    void shouldTakeAValueAsItIsWritten(String written, String text) throws IOException {
        RawValue value = value("node:\n  id: " + written + "\n", "node.id");

        assertThat(value.text()).isEqualTo(text);
        assertThat(value.source()).isEqualTo("line 2 of " + directory.resolve("x.yaml"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gateway:\n  allowed-origins:\n    - a\n    - 'b, c'\n",
                "gateway:\n  allowed-origins:\n  - a\n  - b, c\n",
                "gateway: {allowed-origins: [a, 'b, c']}",
                "gateway: {allowed-origins: [\n a,\n 'b, c',\n]}",
                "{\"gateway\": {\"allowed-origins\": [\"a\", \"b, c\"]}}"
            })
    void shouldTakeListsInEveryForm(String yaml) throws IOException {
        assertThat(value(yaml, "gateway.allowed-origins").items()).containsExactly("a", "b, c");
    }

    @Test
    void shouldTakeAValueThatIsUsedAgain() throws IOException {
        String yaml = "bus: {request-timeout: &long 5m}\npostgres: {timeout: *long}\n";

        assertThat(value(yaml, "postgres.timeout").text()).isEqualTo("5m");
    }

    @Test
    void shouldTakeKeysThatAreMergedUnderThoseOfTheSectionItself() throws IOException {
        String yaml = "node: {<<: {id: a, kind: edge}, id: b}";

        assertThat(value(yaml, "node.id").text()).isEqualTo("b");
        assertThat(value(yaml, "node.kind").text()).isEqualTo("edge");
    }

    @Test
    void shouldTakeLinesThatEndAsOnWindows() throws IOException {
        assertThat(value("node:\r\n  id: a\r\n  kind: edge\r\n", "node.kind"))
                .isEqualTo(RawValue.of("edge", "line 3 of " + directory.resolve("x.yaml")));
    }

    @Test
    void shouldTakeAFileThatBeginsWithAByteOrderMark() throws IOException {
        assertThat(value("\ufeffnode: {id: a}", "node.id").text()).isEqualTo("a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "node: {id: a}\\n---\\nnode: {id: b}     | line 2 of DIR/x.yaml: no YAML: but found another document",
                "node:\\n\\tid: a                        | line 2 of DIR/x.yaml: no YAML: ",
                "node: {id: *missing}                    | line 1 of DIR/x.yaml: no YAML: found undefined alias missing",
                "node:\\n  id: 'open                     | line 2 of DIR/x.yaml: no YAML: found unexpected end of stream",
                "node:\\n  id: %a                        | line 2 of DIR/x.yaml: no YAML: ",
                "? [a]\\n: b                             | line 1 of DIR/x.yaml: expected a name",
                "node: &n {id: *n}                       | line 1 of DIR/x.yaml: node.id: expected a text",
                "node: {Id: a}                           | line 1 of DIR/x.yaml: node.Id: there is no such key; did you mean node.id?",
                "Node: {id: a}                           | line 1 of DIR/x.yaml: there is no section Node; did you mean node?",
                "node: {id: a, 'id': b}                  | line 1 of DIR/x.yaml: id is there twice",
                "node: [id]                              | line 1 of DIR/x.yaml: expected keys of section node",
                "node: {data-directory: {a: b}}          | line 1 of DIR/x.yaml: node.data-directory: expected a path",
                "log: {level: [[info]]}                  | line 1 of DIR/x.yaml: log.level: expected one of error, warn, info, debug",
                "redis: {password: [{hunter2: x}]}       | line 1 of DIR/x.yaml: redis.password: expected a secret text"
            })
    void shouldSayWhereTheFileIsWrong(String yaml, String expected) throws IOException {
        assertThat(problems(yaml.replace("\\n", "\n").replace("\\t", "\t")))
                .singleElement()
                .satisfies(problem -> assertThat(problem).startsWith(expected).doesNotContain("hunter2"));
    }

    @Test
    void shouldReadOnBehindAFault() throws IOException {
        WrittenValues written = read("nod: {id: a}\nnode: {idd: b, kind: edge}\nlog: 7\nredis: {url: x}\n");

        assertThat(written.problems()).hasSize(3);
        assertThat(written.get(SCHEMA.key("node.kind").orElseThrow())).isPresent();
        assertThat(written.get(SCHEMA.key("redis.url").orElseThrow())).isPresent();
    }

    @Test
    void shouldTakeTheFirstOfTwoSoThatTheProblemNamesTheSecond() throws IOException {
        WrittenValues written = read("node:\n  id: a\n  id: b\n");

        assertThat(written.get(SCHEMA.key("node.id").orElseThrow())
                        .orElseThrow()
                        .text())
                .isEqualTo("a");
        assertThat(written.problems())
                .extracting(ConfigProblem::source)
                .allMatch(source -> source.startsWith("line 3"));
    }

    @Test
    void shouldSayWhenTheFileCannotBeRead() throws IOException {
        assertThat(read(new byte[] {'a', ':', ' ', (byte) 0xff}).problems())
                .extracting(ConfigProblem::expected)
                .containsExactly("not a text in UTF-8");
    }
}
