package io.signalbox.verticles.registry.reference;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The fleet that Signalbox is designed for, as data: 20 agent types in four populations, 30,000 agents. Demo and load
 * tests use it, whole or scaled down. Immutable.
 */
public record ReferenceFleet(List<AgentType> types) {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /**
     * @param document the definition, to be published as it is
     * @param agents how many of this type there are
     */
    public record AgentType(
            String name, String version, String population, String document, List<TypeSkill> skills, int agents) {
        /** {@code name@version} */
        public String reference() {
            return name + "@" + version;
        }

        private AgentType withAgents(int count) {
            return new AgentType(name, version, population, document, skills, count);
        }
    }

    /** A skill with an input and an output that fit its schemas, as JSON. */
    public record TypeSkill(String name, String exampleInput, String exampleOutput) {}

    public ReferenceFleet {
        types = List.copyOf(types);
    }

    /** 12,592 research, 8,407 code deployment, 5,401 infrastructure and 3,600 monitoring agents. */
    public static ReferenceFleet full() {
        JsonNode fleet = MAPPER.readTree(resource("fleet.json"));
        List<AgentType> types = new ArrayList<>();
        fleet.path("types").forEach(name -> types.add(type(name.asString())));
        Map<String, Integer> populations = new LinkedHashMap<>();
        fleet.path("populations")
                .properties()
                .forEach(each -> populations.put(each.getKey(), each.getValue().asInt()));
        return new ReferenceFleet(types).distributed(populations);
    }

    /** The same shares of {@code agents} agents, rounded by largest remainder: 300 are 126, 84, 54 and 36. */
    public static ReferenceFleet scaledTo(int agents) {
        ReferenceFleet full = full();
        Map<String, Integer> populations = full.populations();
        List<String> names = List.copyOf(populations.keySet());
        int[] shares = shares(agents, names.stream().mapToInt(populations::get).toArray());
        Map<String, Integer> scaled = new LinkedHashMap<>();
        IntStream.range(0, shares.length).forEach(i -> scaled.put(names.get(i), shares[i]));
        return full.distributed(scaled);
    }

    /** Agents by population. */
    public Map<String, Integer> populations() {
        Map<String, Integer> populations = new LinkedHashMap<>();
        types.forEach(type -> populations.merge(type.population(), type.agents(), Integer::sum));
        return populations;
    }

    public int agents() {
        return types.stream().mapToInt(AgentType::agents).sum();
    }

    /** Each population evenly over its types. */
    private ReferenceFleet distributed(Map<String, Integer> populations) {
        List<AgentType> distributed = new ArrayList<>();
        populations.forEach((population, agents) -> {
            List<AgentType> members = types.stream()
                    .filter(type -> type.population().equals(population))
                    .toList();
            int[] shares = shares(agents, members.stream().mapToInt(member -> 1).toArray());
            IntStream.range(0, shares.length)
                    .forEach(i -> distributed.add(members.get(i).withAgents(shares[i])));
        });
        return new ReferenceFleet(distributed);
    }

    /** Largest remainder: the shares add up to {@code total}. */
    private static int[] shares(int total, int[] weights) {
        long sum = IntStream.of(weights).asLongStream().sum();
        int[] shares = IntStream.of(weights)
                .map(weight -> (int) ((long) total * weight / sum))
                .toArray();
        List<Integer> byRemainder = IntStream.range(0, weights.length)
                .boxed()
                .sorted(Comparator.comparingLong((Integer i) -> -((long) total * weights[i] % sum)))
                .toList();
        int left = total - IntStream.of(shares).sum();
        byRemainder.subList(0, left).forEach(i -> shares[i]++);
        return shares;
    }

    private static AgentType type(String name) {
        String document = resource(name + ".json");
        JsonNode definition = MAPPER.readTree(document);
        List<TypeSkill> skills = new ArrayList<>();
        definition
                .path("skills")
                .forEach(skill -> skills.add(new TypeSkill(
                        skill.path("name").asString(), example(skill, "inputSchema"), example(skill, "outputSchema"))));
        return new AgentType(
                name,
                definition.path("version").asString(),
                definition.path("tags").path("population").asString(),
                document,
                skills,
                0);
    }

    private static String example(JsonNode skill, String schema) {
        return skill.path(schema).path("examples").get(0).toString();
    }

    static String resource(String name) {
        try (InputStream in = ReferenceFleet.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
