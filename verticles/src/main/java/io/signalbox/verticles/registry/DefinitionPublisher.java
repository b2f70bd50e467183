package io.signalbox.verticles.registry;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.DefinitionVersion;
import io.signalbox.codecs.internal.PublishDefinition;
import io.signalbox.codecs.internal.PublishDefinitions;
import io.signalbox.codecs.internal.PublishedDefinitions;
import io.signalbox.verticles.postgres.StoreException;
import io.signalbox.verticles.registry.DefinitionStore.Outcome;
import io.signalbox.verticles.registry.DefinitionStore.Publication;
import io.signalbox.verticles.registry.DefinitionStore.SkillSchema;
import io.signalbox.verticles.registry.DefinitionStore.Stored;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/** Checks, stores and tells new versions of definitions. Confined to its event loop. */
final class DefinitionPublisher {
    private static final int MAX_AT_ONCE = 500;

    private final Vertx vertx;
    private final DefinitionParser parser;
    private final DefinitionStore store;
    private final BiConsumer<Definition, Stored> published;
    private final InstantSource clock;

    /** @param published told each that is stored, now or before */
    DefinitionPublisher(
            Vertx vertx,
            DefinitionParser parser,
            DefinitionStore store,
            BiConsumer<Definition, Stored> published,
            InstantSource clock) {
        this.vertx = vertx;
        this.parser = parser;
        this.store = store;
        this.published = published;
        this.clock = clock;
    }

    Future<DefinitionVersion> publish(PublishDefinition request) {
        Definition definition = parser.parse(request.getDocument().toByteArray());
        return publish(List.of(definition), request.getPublisher()).map(List::getFirst);
    }

    Future<PublishedDefinitions> publish(PublishDefinitions request) {
        if (request.getDocumentsCount() > MAX_AT_ONCE) {
            throw new ServiceException(Code.TOO_LARGE, "up to " + MAX_AT_ONCE + " definitions at once");
        }
        // Many take their time: others have the event loop meanwhile.
        return vertx.executeBlocking(() -> request.getDocumentsList().stream()
                        .map(document -> parser.parse(document.toByteArray()))
                        .toList())
                .compose(definitions -> publish(definitions, request.getPublisher()))
                .map(versions -> {
                    PublishedDefinitions.Builder answer = PublishedDefinitions.newBuilder();
                    versions.forEach(
                            version -> answer.addDefinitions(version.toBuilder().clearDocument()));
                    return answer.build();
                });
    }

    private Future<List<DefinitionVersion>> publish(List<Definition> definitions, String publisher) {
        List<Publication> publications = definitions.stream()
                .map(definition -> publication(definition, publisher))
                .toList();
        return store.publishAll(publications)
                .recover(cause -> Future.failedFuture(refusal(cause)))
                .map(outcomes -> {
                    for (int i = 0; i < outcomes.size(); i++) {
                        refuseUnlessPublished(definitions.get(i), outcomes.get(i));
                    }
                    return IntStream.range(0, outcomes.size())
                            .mapToObj(i -> version(definitions.get(i), (Outcome.Published) outcomes.get(i)))
                            .toList();
                });
    }

    private static Throwable refusal(Throwable cause) {
        return cause instanceof StoreException failure ? failure.refusal() : cause;
    }

    private Publication publication(Definition definition, String publisher) {
        Stored stored = new Stored(
                definition.name(),
                definition.version().toString(),
                definition.contentHash(),
                definition.document(),
                publisher,
                clock.instant());
        List<SkillSchema> schemas = definition.skills().stream()
                .map(skill -> new SkillSchema(skill.name(), skill.version().toString(), skill.schemaHash()))
                .toList();
        return new Publication(stored, schemas);
    }

    private DefinitionVersion version(Definition definition, Outcome.Published outcome) {
        published.accept(definition, outcome.definition());
        return outcome.definition().view().toBuilder()
                .setCreated(outcome.created())
                .build();
    }

    private static void refuseUnlessPublished(Definition definition, Outcome outcome) {
        switch (outcome) {
            case Outcome.Published ignored -> {}
            case Outcome.OtherContent ignored ->
                throw new ServiceException(
                        Code.CONFLICT,
                        definition.reference() + " is published with other content; versions never change,"
                                + " publish a new one");
            case Outcome.OtherSchema(String skill, String version) ->
                throw new ServiceException(
                        Code.CONFLICT,
                        "skill " + skill + "@" + version + " is published with other schemas;"
                                + " give the skill a new version");
        }
    }
}
