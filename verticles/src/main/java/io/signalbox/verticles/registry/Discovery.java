package io.signalbox.verticles.registry;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.AgentMatch;
import io.signalbox.codecs.internal.AgentPage;
import io.signalbox.codecs.internal.AgentQuestion;
import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.codecs.internal.DefinitionPage;
import io.signalbox.codecs.internal.ListAgents;
import io.signalbox.codecs.internal.ListDefinitions;
import io.signalbox.codecs.internal.MatchAgent;
import io.signalbox.codecs.internal.MatchFinding;
import io.signalbox.verticles.registry.AgentQuery.Finding;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Finds agents and definitions by what they are and can do, and says why one is found or not. Confined to its event loop. */
final class Discovery {
    private final Context context;
    private final DefinitionCatalog catalog;
    private final AgentDirectory directory;
    private final FleetDirectives directives;
    private final FollowedDefinitions followed;
    private final MeaningReader meaning;

    /** By {@code name@version}; versions never change. */
    private final Map<String, String> definitionTexts = new HashMap<>();

    Discovery(
            Context context,
            DefinitionCatalog catalog,
            AgentDirectory directory,
            FleetDirectives directives,
            FollowedDefinitions followed,
            MeaningReader meaning) {
        this.context = context;
        this.catalog = catalog;
        this.directory = directory;
        this.directives = directives;
        this.followed = followed;
        this.meaning = meaning;
    }

    /** Empty: it is not for this. */
    Optional<Future<? extends MessageLite>> handle(String type, EncodedMessage request)
            throws InvalidProtocolBufferException {
        return switch (type) {
            case "ListAgents" -> Optional.of(agents(ListAgents.parseFrom(request.payload())));
            case "MatchAgent" -> Optional.of(Future.succeededFuture(match(MatchAgent.parseFrom(request.payload()))));
            case "ListDefinitions" -> Optional.of(definitions(ListDefinitions.parseFrom(request.payload())));
            default -> Optional.empty();
        };
    }

    private String definitionText(String reference) {
        String known = definitionTexts.get(reference);
        if (known != null) {
            return known;
        }
        Optional<String> text = catalog.find(reference).map(found -> SearchWords.text(found.definition()));
        text.ifPresent(read -> definitionTexts.put(reference, read));
        return text.orElse("");
    }

    private Future<AgentPage> agents(ListAgents request) {
        AgentQuestion question = request.getQuestion().toBuilder()
                .setSelector(AgentSelector.newBuilder()
                        .setSkill(request.getSkill())
                        .setType(request.getDefinition())
                        .mergeFrom(request.getQuestion().getSelector()))
                .build();
        AgentQuery query = AgentQuery.of(question, this::definitionText);
        int limit = Pages.limit(request.getLimit());
        if (!question.getMeaning().isBlank()) {
            Optional<RankedPlace> cursor = RankedPlace.parse(request.getCursor());
            return meaning.scores(question.getMeaning())
                    .map(scores ->
                            new RankedAgentSearch(directory, question.getSelector(), query, scores, cursor, limit))
                    .compose(search -> stepByStep(search::step).map(done -> page(search)));
        }
        AgentSearch search = new AgentSearch(
                directory, question.getSelector(), query, request.getCursor(), limit, request.getCount());
        return stepByStep(search::step).map(done -> page(search));
    }

    /** Others have their turn between the steps. */
    private Future<Void> stepByStep(BooleanSupplier step) {
        Promise<Void> done = Promise.promise();
        proceed(step, done);
        return done.future();
    }

    private void proceed(BooleanSupplier step, Promise<Void> done) {
        if (step.getAsBoolean()) {
            done.complete();
        } else {
            context.runOnContext(ignored -> proceed(step, done));
        }
    }

    private AgentPage page(RankedAgentSearch search) {
        AgentPage.Builder page = AgentPage.newBuilder()
                .setConnected(directory.connected())
                .setSuspended(directory.suspended())
                .addAllScores(search.scores());
        search.found().forEach(agent -> page.addAgents(followed.shown(agent.info())));
        search.nextCursor().ifPresent(page::setNextCursor);
        return page.build();
    }

    private AgentPage page(AgentSearch search) {
        AgentPage.Builder page =
                AgentPage.newBuilder().setConnected(directory.connected()).setSuspended(directory.suspended());
        search.found().forEach(agent -> page.addAgents(followed.shown(agent.info())));
        search.nextCursor().ifPresent(page::setNextCursor);
        search.count().ifPresent(page::setMatched);
        return page.build();
    }

    private AgentMatch match(MatchAgent request) {
        LiveAgent agent = directory
                .find(request.getId())
                .orElseThrow(() -> new ServiceException(Code.NOT_FOUND, "no live agent " + request.getId()));
        List<Finding> findings =
                AgentQuery.of(request.getQuestion(), this::definitionText).explain(agent);
        AgentMatch.Builder match = AgentMatch.newBuilder()
                .setMatches(findings.stream().allMatch(Finding::matches))
                .setStanding(agent.standing());
        findings.forEach(finding -> match.addFindings(MatchFinding.newBuilder()
                .setCriterion(finding.criterion())
                .setWanted(finding.wanted())
                .setFound(finding.found())
                .setMatches(finding.matches())));
        directives.of(agent).forEach(directive -> match.addDirectives(directive.view()));
        return match.build();
    }

    private Future<DefinitionPage> definitions(ListDefinitions request) {
        int limit = Pages.limit(request.getLimit());
        if (!request.getName().isEmpty()) {
            return Future.succeededFuture(versions(request, limit));
        }
        DefinitionQuery query = new DefinitionQuery(request.getQuestion(), this::definitionText);
        if (request.getQuestion().getMeaning().isBlank()) {
            return Future.succeededFuture(names(request, query, limit));
        }
        Optional<RankedPlace> cursor = RankedPlace.parse(request.getCursor());
        return meaning.scores(request.getQuestion().getMeaning()).map(scores -> ranked(query, scores, cursor, limit));
    }

    private DefinitionPage ranked(
            DefinitionQuery query, Map<String, Integer> scores, Optional<RankedPlace> cursor, int limit) {
        TreeMap<RankedPlace, DefinitionCatalog.Entry> found = new TreeMap<>();
        catalog.namesAfter("")
                .flatMap(versions -> query.first(versions).stream())
                .forEach(entry -> {
                    String reference = entry.definition().reference();
                    if (scores.containsKey(reference)) {
                        found.put(new RankedPlace(scores.get(reference), reference, ""), entry);
                    }
                });
        SortedMap<RankedPlace, DefinitionCatalog.Entry> rest =
                cursor.map(last -> found.tailMap(last, false)).orElse(found);
        DefinitionPage.Builder page = page(rest.values().stream().limit(limit).toList());
        List<RankedPlace> places = rest.keySet().stream().limit(limit).toList();
        places.forEach(place -> page.addScores(place.score()));
        if (rest.size() > limit) {
            page.setNextCursor(places.getLast().cursor());
        }
        return page.build();
    }

    private DefinitionPage versions(ListDefinitions request, int limit) {
        List<DefinitionCatalog.Entry> found = catalog.versions(request.getName(), request.getCursor(), limit);
        DefinitionPage.Builder page = page(found);
        if (found.size() == limit) {
            page.setNextCursor(found.getLast().stored().version());
        }
        return page.build();
    }

    private DefinitionPage names(ListDefinitions request, DefinitionQuery query, int limit) {
        List<DefinitionCatalog.Entry> found = new ArrayList<>();
        Iterator<Collection<DefinitionCatalog.Entry>> names =
                catalog.namesAfter(request.getCursor()).iterator();
        while (names.hasNext() && found.size() <= limit) {
            query.first(names.next()).ifPresent(found::add);
        }
        boolean more = found.size() > limit;
        DefinitionPage.Builder page = page(more ? found.subList(0, limit) : found);
        if (more) {
            page.setNextCursor(found.get(limit - 1).stored().name());
        }
        if (request.getCount()) {
            page.setMatched((int) catalog.namesAfter("")
                    .filter(versions -> query.first(versions).isPresent())
                    .count());
        }
        return page.build();
    }

    private static DefinitionPage.Builder page(List<DefinitionCatalog.Entry> entries) {
        DefinitionPage.Builder page = DefinitionPage.newBuilder();
        entries.forEach(entry -> page.addDefinitions(entry.stored().view()));
        return page;
    }
}
