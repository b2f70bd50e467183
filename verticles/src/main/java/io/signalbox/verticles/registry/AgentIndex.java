package io.signalbox.verticles.registry;

import io.signalbox.codecs.internal.AgentSelector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Agents by what is often asked for, each in the order of ids so that pages can go on anywhere. Not thread-safe. */
final class AgentIndex {
    private static final TreeSet<String> NOBODY = new TreeSet<>();

    /** No entry: no agent. */
    private final Map<String, TreeSet<String>> idsByKey = new HashMap<>();

    void add(LiveAgent agent) {
        for (String key : keys(agent)) {
            idsByKey.computeIfAbsent(key, missing -> new TreeSet<>()).add(agent.id());
        }
    }

    void remove(LiveAgent agent) {
        for (String key : keys(agent)) {
            TreeSet<String> ids = idsByKey.get(key);
            ids.remove(agent.id());
            if (ids.isEmpty()) {
                idsByKey.remove(key);
            }
        }
    }

    private static Set<String> keys(LiveAgent agent) {
        Set<String> keys = new HashSet<>();
        agent.skills().forEach(skill -> keys.add(ofSkill(skill.getName())));
        agent.tags().forEach((name, value) -> keys.add(ofTag(name, value)));
        keys.add(ofNode(agent.node()));
        if (!agent.definition().isEmpty()) {
            keys.add(ofType(agent.definition()));
        }
        return keys;
    }

    private static String ofSkill(String name) {
        return "skill " + name;
    }

    private static String ofTag(String name, String value) {
        return "tag " + name + "=" + value;
    }

    private static String ofNode(String node) {
        return "node " + node;
    }

    /** Whatever the version. */
    private static String ofType(String definition) {
        int at = definition.indexOf('@');
        return "type " + (at < 0 ? definition : definition.substring(0, at));
    }

    /** Ids among which all are that the selector can mean, as few as are known; empty: it may be any agent. */
    Optional<NavigableSet<String>> narrowest(AgentSelector selector) {
        List<NavigableSet<String>> sets = new ArrayList<>();
        if (selector.getIdsCount() > 0) {
            sets.add(new TreeSet<>(selector.getIdsList()));
        }
        if (!selector.getType().isEmpty()) {
            sets.add(ids(ofType(selector.getType())));
        }
        if (!selector.getNode().isEmpty()) {
            sets.add(ids(ofNode(selector.getNode())));
        }
        if (!selector.getSkill().isEmpty()) {
            sets.add(ids(ofSkill(selector.getSkill())));
        }
        selector.getTagsMap().forEach((name, value) -> sets.add(ids(ofTag(name, value))));
        return sets.stream().min(Comparator.comparingInt(Set::size));
    }

    private TreeSet<String> ids(String key) {
        return idsByKey.getOrDefault(key, NOBODY);
    }
}
