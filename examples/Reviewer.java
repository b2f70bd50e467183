import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.SignalboxException;

/** An agent with one skill. Run it beside a node: ./signalbox java examples/Reviewer.java */
void main(String[] args) throws Exception {
    String node = args.length > 0 ? args[0] : "http://127.0.0.1:4280";
    try (SignalboxClient client = SignalboxClient.connect(node)) {
        client.agent("reviewer-1")
                .skill("text.review", assignment -> {
                    String text = assignment.input().text();
                    assignment.progress(50, "read " + text.length() + " characters");
                    Thread.sleep(500); // here the model would think
                    return Payload.json("{\"words\": " + text.split("\\s+").length + "}");
                })
                .attach();
        IO.println("reviewer-1 is attached; Ctrl-C ends it");
        client.awaitClosed();
    } catch (SignalboxException e) {
        IO.println(e.code() + ": " + e.getMessage());
        System.exit(1);
    }
}
