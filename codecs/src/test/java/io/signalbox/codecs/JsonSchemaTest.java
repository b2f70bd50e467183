package io.signalbox.codecs;

import static io.signalbox.codecs.JsonTexts.entry;
import static io.signalbox.codecs.JsonTexts.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.signalbox.codecs.proto.Entry;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every member of every kind of entry, taken from the schema: what it takes, and what it refuses with its name. */
class JsonSchemaTest {
    /** One text of each type that JSON has. */
    private static final Map<String, String> VALUES = Map.of(
            "object", "{}",
            "array", "[]",
            "text", "'x'",
            "whole", "3",
            "fraction", "3.5",
            "truth", "true");

    /** A member of an entry's body, directly or within an element of it. */
    private record Member(String body, String path, boolean listed, FieldDescriptor field) {
        /** An entry that has nothing but this member, with that value. */
        String entry(String value) {
            String name = "'" + field.getJsonName() + "':" + value;
            return "{'" + body + "':{" + (path.isEmpty() ? name : "'" + path + "':" + inside("{" + name + "}")) + "}}";
        }

        String fullPath() {
            return body + "." + (path.isEmpty() ? "" : path + (listed ? "[0]." : ".")) + field.getJsonName();
        }

        private String inside(String object) {
            return listed ? "[" + object + "]" : object;
        }

        @Override
        public String toString() {
            return fullPath();
        }
    }

    static Stream<Member> members() {
        return Samples.bodies().stream().flatMap(body -> members(body.getJsonName(), "", false, body.getMessageType()));
    }

    private static Stream<Member> members(String body, String path, boolean listed, Descriptor type) {
        return type.getFields().stream()
                .flatMap(field -> field.getType() == FieldDescriptor.Type.MESSAGE && !field.isMapField()
                        ? Stream.concat(
                                Stream.of(new Member(body, path, listed, field)),
                                members(body, field.getJsonName(), field.isRepeated(), field.getMessageType()))
                        : Stream.of(new Member(body, path, listed, field)));
    }

    static Stream<String> bodies() {
        return Samples.bodies().stream().map(FieldDescriptor::getJsonName);
    }

    private static List<String> taken(FieldDescriptor field) {
        if (JsonContent.typeField(field).isPresent()) {
            return List.copyOf(VALUES.keySet()); // an empty type means JSON
        } else if (field.isMapField()) {
            return List.of("object");
        } else if (field.isRepeated()) {
            return List.of("array");
        }
        return switch (field.getType()) {
            case STRING -> List.of("text");
            case BOOL -> List.of("truth");
            case DOUBLE -> List.of("whole", "fraction");
            case UINT32, UINT64, INT64 -> List.of("whole");
            case MESSAGE -> List.of("object");
            case ENUM, BYTES -> List.of(); // texts, but not any
            default -> throw new AssertionError("a field of a new type: " + field);
        };
    }

    @ParameterizedTest
    @MethodSource("members")
    void shouldTakeValuesOfItsTypeAndRefuseOthersWithItsName(Member member) throws CodecException {
        List<String> taken = taken(member.field());

        for (Map.Entry<String, String> value : VALUES.entrySet()) {
            String json = member.entry(value.getValue());
            if (taken.contains(value.getKey())) {
                assertThat(entry(json).getBodyCase()).as(json).isNotEqualTo(Entry.BodyCase.BODY_NOT_SET);
            } else {
                CodecException refusal = refusal(json);
                assertThat(refusal.code()).isEqualTo(Code.MALFORMED);
                assertThat(refusal).as(json).hasMessageStartingWith(member.fullPath());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("members")
    void shouldTakeNullForItsDefault(Member member) throws CodecException {
        assertThat(entry(member.entry("null")))
                .isEqualTo(entry(member.path().isEmpty() ? "{'" + member.body() + "':{}}" : member.entry("null")));
        assertThat(entry(member.entry("null")).toString())
                .doesNotContain(member.field().getName() + ":");
    }

    @ParameterizedTest
    @MethodSource("members")
    void shouldRefuseItTwice(Member member) {
        String twice = "null,'" + member.field().getJsonName() + "':null";

        assertThat(refusal(member.entry(twice)))
                .hasMessageContaining("Duplicate")
                .hasMessageContaining(member.field().getJsonName());
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void shouldTakeEachKindWithNothingInIt(String body) throws CodecException {
        Entry entry = entry("{'" + body + "':{},'ref':1}");

        assertThat(Entry.getDescriptor()
                        .findFieldByNumber(entry.getBodyCase().getNumber())
                        .getJsonName())
                .isEqualTo(body);
        assertThat(entry.getRef()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void shouldTakeNullForNoBodyWhereverItStands(String body) throws CodecException {
        Entry noBody = Entry.newBuilder().setRef(1).build();

        assertThat(entry("{'ref':1,'" + body + "':null}")).isEqualTo(noBody);
        if (!body.equals("ping")) {
            assertThat(entry("{'ping':{},'" + body + "':null}")).isEqualTo(entry("{'ping':{}}"));
            assertThat(entry("{'" + body + "':null,'ping':{}}")).isEqualTo(entry("{'ping':{}}"));
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void shouldRefuseABodyThatIsNoObject(String body) {
        for (String value : List.of("[]", "1", "'x'", "true")) {
            assertThat(refusal("{'" + body + "':" + value + "}")).hasMessage(body + " must be an object");
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void shouldRefuseEachKindBesidesAnother(String body) {
        String other = body.equals("ping") ? "pong" : "ping";

        assertThat(refusal("{'" + other + "':{},'" + body + "':{}}"))
                .hasMessage("'" + body + "': an entry has one body");
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void shouldRefuseAMemberOfALaterVersion(String body) {
        assertThat(refusal("{'" + body + "':{'later':1}}")).hasMessage("unknown member '" + body + ".later'");
    }
}
