package io.signalbox.node.cli;

import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "mailbox",
        description = {
            "Show how many durable messages wait for an agent, and since when.",
            "Those included that it was handed and has not acknowledged."
        })
final class MailboxCommand implements Callable<Integer> {
    @Mixin
    private NodeOptions node;

    @Parameters(paramLabel = "AGENT", description = "The agent's id; it need not be connected.")
    private String agent;

    @Override
    public Integer call() throws ApiException {
        return node.showOne(client -> client.get("/v1/agents/" + ApiClient.segment(agent) + "/mailbox"));
    }
}
