package io.signalbox.verticles.registry;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.internal.DefinitionVersion;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;

/** Published definitions. Thread-safe. A failed future carries a {@code StoreException}. */
public interface DefinitionStore {
    /** As it is kept. */
    record Stored(
            String name, String version, String contentHash, String document, String publisher, Instant publishedAt) {
        Stored publishedAt(Instant time) {
            return new Stored(name, version, contentHash, document, publisher, time);
        }

        DefinitionVersion view() {
            return DefinitionVersion.newBuilder()
                    .setName(name)
                    .setVersion(version)
                    .setContentHash(contentHash)
                    .setDocument(ByteString.copyFromUtf8(document))
                    .setPublisher(publisher)
                    .setPublishedAtMs(publishedAt.toEpochMilli())
                    .build();
        }
    }

    /** A version of a skill and the hash of its schemas. */
    record SkillSchema(String name, String version, String schemaHash) {}

    sealed interface Outcome {
        /**
         * @param definition as it is kept: with the first publisher, and its time as precise as the store has it
         * @param created false: the same version with the same content was there
         */
        record Published(Stored definition, boolean created) implements Outcome {}

        /** The version is there with other content; nothing was published, no skill either. */
        record OtherContent() implements Outcome {}

        /** A skill's version is there with other schemas; nothing was published. */
        record OtherSchema(String skill, String version) implements Outcome {}
    }

    /** @param skills that the definition declares */
    record Publication(Stored definition, List<SkillSchema> skills) {}

    /** All of it or nothing. Publishing the same content again changes nothing. */
    default Future<Outcome> publish(Stored definition, List<SkillSchema> skills) {
        return publishAll(List.of(new Publication(definition, skills))).map(List::getFirst);
    }

    /**
     * All of them or none, as if one after the other.
     *
     * @return an outcome for each; or up to the first that is not published, and then nothing was
     */
    Future<List<Outcome>> publishAll(List<Publication> publications);

    /** All versions of all definitions, in the order of publication. */
    Future<List<Stored>> load();
}
