package io.signalbox.verticles.registry;

import io.signalbox.codecs.internal.AgentStanding;
import io.signalbox.codecs.internal.Standing;
import java.util.List;
import java.util.Optional;

/**
 * The directives that stand, and what they make of an agent. They count in the order of their revisions: each can make the
 * standing stricter, never looser, until a later one resumes; then only what came after that counts. Single writer, not
 * thread-safe; knows no clock.
 */
final class FleetDirectives {
    /** Every agent that attaches is held against all of them. */
    static final int MAX = 200;

    private record Compiled(Directive directive, AgentQuery query) {}

    private List<Compiled> standing = List.of();
    private long revision;

    /**
     * @param newRevision the fleet's
     * @param directives all that stand, in the order of their revisions
     * @return false: this is no news
     */
    boolean replace(long newRevision, List<Directive> directives) {
        if (newRevision <= revision) {
            return false;
        }
        revision = newRevision;
        standing = directives.stream()
                .map(directive -> new Compiled(directive, AgentQuery.of(directive.selector())))
                .toList();
        return true;
    }

    /** The fleet's that is known here; grows with every directive and every revocation. */
    long revision() {
        return revision;
    }

    int size() {
        return standing.size();
    }

    /** What they say of it, in the order in which they count. */
    List<Directive> of(LiveAgent agent) {
        return standing.stream()
                .filter(each -> each.query().matches(agent))
                .map(Compiled::directive)
                .toList();
    }

    Optional<Directive> find(String id) {
        return standing.stream()
                .map(Compiled::directive)
                .filter(directive -> directive.id().toString().equals(id))
                .findFirst();
    }

    /** The agent with the standing that it has. */
    LiveAgent judged(LiveAgent agent) {
        AgentStanding result = AgentStanding.getDefaultInstance();
        for (int i = 0; i < standing.size(); i++) {
            if (standing.get(i).query().matches(agent)) {
                result = after(result, standing.get(i).directive());
            }
        }
        return result.equals(agent.standing()) ? agent : agent.withStanding(result);
    }

    private static AgentStanding after(AgentStanding before, Directive directive) {
        return switch (directive.verb()) {
            case RESUME -> AgentStanding.getDefaultInstance();
            case PAUSE -> stricter(before, Standing.STANDING_PAUSED, directive);
            case DRAIN -> stricter(before, Standing.STANDING_DRAINING, directive);
            case QUARANTINE -> stricter(before, Standing.STANDING_QUARANTINED, directive);
            case KILL -> stricter(before, Standing.STANDING_KILLED, directive);
            case LIMIT_RATE -> limited(before, directive.messagesPerSecond());
        };
    }

    private static AgentStanding stricter(AgentStanding before, Standing standing, Directive directive) {
        return standing.getNumber() <= before.getStandingValue()
                ? before
                : before.toBuilder()
                        .setStanding(standing)
                        .setDirective(directive.id().toString())
                        .build();
    }

    private static AgentStanding limited(AgentStanding before, int limit) {
        int known = before.getMessagesPerSecond();
        return before.toBuilder()
                .setMessagesPerSecond(known == 0 ? limit : Math.min(known, limit))
                .build();
    }
}
