package io.signalbox.sdk;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.proto.Attach;
import io.signalbox.codecs.proto.Skill;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** Describes an agent before it is attached. Not thread-safe. */
public final class AgentBuilder {
    record Description(
            String id,
            String definition,
            List<Skill> skills,
            Map<String, TaskHandler> handlers,
            int slots,
            Map<String, String> tags,
            Optional<MessageHandler> messageHandler,
            Optional<Consumer<String>> definitionListener) {
        Attach.Builder attach() {
            return Attach.newBuilder()
                    .setId(id)
                    .setDefinition(definition)
                    .addAllSkills(skills)
                    .setSlots(slots)
                    .putAllTags(tags);
        }

        /** @throws SignalboxException when the agent cannot do one of them */
        void checkHandlers(List<Skill> given) {
            List<String> missing = given.stream()
                    .map(Skill::getName)
                    .filter(name -> !handlers.containsKey(name))
                    .toList();
            if (!missing.isEmpty()) {
                throw new SignalboxException(
                        Code.INVALID_ARGUMENT, "agent " + id + " has no handler for " + String.join(", ", missing));
            }
        }
    }

    interface Attacher {
        Agent attach(Description description) throws InterruptedException;
    }

    private final String id;
    private final Attacher attacher;
    private final List<Skill> skills = new ArrayList<>();
    private final Map<String, TaskHandler> handlers = new HashMap<>();
    private final Map<String, String> tags = new HashMap<>();
    private String definition = "";
    private int slots;
    private Optional<MessageHandler> messageHandler = Optional.empty();
    private Optional<Consumer<String>> definitionListener = Optional.empty();

    AgentBuilder(String id, Attacher attacher) {
        this.id = Objects.requireNonNull(id);
        this.attacher = attacher;
    }

    /**
     * The agent is of this published definition, {@code research.literature-reviewer@1.0.0}: it has all its skills, each
     * needs a handler. With a channel for the version, {@code ...@stable} or {@code ...@canary}, it follows that: it has the
     * version that the channel gives it, and may be given another one at any time, see {@link #onDefinition}.
     */
    public AgentBuilder definition(String nameAndVersion) {
        definition = Objects.requireNonNull(nameAndVersion);
        return this;
    }

    /** The agent has this skill, in version 1.0.0 or the definition's, and does its tasks with {@code handler}. */
    public AgentBuilder skill(String name, TaskHandler handler) {
        return skill(name, "", handler);
    }

    /** @param version semantic version; with a {@link #definition} the definition's version counts */
    public AgentBuilder skill(String name, String version, TaskHandler handler) {
        handlers.put(name, Objects.requireNonNull(handler));
        skills.add(Skill.newBuilder().setName(name).setVersion(version).build());
        return this;
    }

    /** How many tasks at once; without it the definition's number, else 1. */
    public AgentBuilder slots(int slots) {
        if (slots < 1) {
            throw new IllegalArgumentException("slots " + slots + ", must be at least 1");
        }
        this.slots = slots;
        return this;
    }

    public AgentBuilder tag(String name, String value) {
        tags.put(name, value);
        return this;
    }

    public AgentBuilder onMessage(MessageHandler handler) {
        messageHandler = Optional.of(handler);
        return this;
    }

    /**
     * Is called with {@code name@version} when the agent is given a version of its definition, also the first one. What is under way
     * goes on with the version that it was assigned for ({@link Assignment#definition}). Calls come one after the other; a
     * version that was replaced meanwhile may be left out.
     */
    public AgentBuilder onDefinition(Consumer<String> listener) {
        definitionListener = Optional.of(listener);
        return this;
    }

    /** @throws SignalboxException when the node refuses, or is away for the options' {@code requestTimeout} */
    public Agent attach() throws InterruptedException {
        return attacher.attach(new Description(
                id,
                definition,
                definition.isEmpty() ? List.copyOf(skills) : List.of(),
                Map.copyOf(handlers),
                slots,
                Map.copyOf(tags),
                messageHandler,
                definitionListener));
    }
}
