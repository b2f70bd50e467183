import io.signalbox.sdk.Agent;
import io.signalbox.sdk.Coordination;
import io.signalbox.sdk.HeldLock;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SharedDocument;
import io.signalbox.sdk.SignalboxClient;

/** Two agents that take turns with a lock, and write a document under its token: ./signalbox java examples/Deployers.java */
void main() throws InterruptedException {
    String url = System.getenv().getOrDefault("SIGNALBOX_URL", "http://127.0.0.1:4280");
    try (SignalboxClient client = SignalboxClient.connect(url)) {
        Agent green = client.agent("deployer-green").attach();
        Agent blue = client.agent("deployer-blue").attach();
        Thread other = Thread.ofVirtual().start(() -> deploy(blue));
        deploy(green);
        other.join();
    }
}

void deploy(Agent agent) {
    Coordination coordination = agent.coordination();
    for (int i = 0; i < 3; i++) {
        try (HeldLock lock = coordination.lock("deploy/production")) {
            long revision = coordination.document("release").map(SharedDocument::revision).orElse(0L);
            coordination.putDocument("release", revision, Payload.text("by " + agent.id()), lock.token());
            IO.println(agent.id() + " wrote revision " + (revision + 1) + " under token " + lock.token());
        } catch (InterruptedException lost) {
            IO.println(agent.id() + " lost the lock: somebody else may have it now");
        }
    }
}
