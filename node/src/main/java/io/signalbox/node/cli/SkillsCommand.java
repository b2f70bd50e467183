package io.signalbox.node.cli;

import io.signalbox.node.client.ApiException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "skills", description = "List the skills of published definitions and connected agents.")
final class SkillsCommand implements Callable<Integer> {
    private static final List<Column> COLUMNS = List.of(
            Column.of("NAME", "name"),
            Column.of("VERSION", "version"),
            Column.of("AGENTS", "agents"),
            Column.of("DESCRIPTION", "description"));

    @Mixin
    private NodeOptions node;

    @Mixin
    private LimitOption page;

    @Override
    public Integer call() throws ApiException {
        return node.showList(COLUMNS, client -> client.list("/v1/skills", Map.of(), "skills", page.limit()));
    }
}
