package io.signalbox.load.run;

import static io.signalbox.load.report.SomeResults.peer;
import static io.signalbox.load.report.SomeResults.repetition;
import static io.signalbox.load.report.SomeResults.results;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.load.report.Results;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
    private static List<String> printed(Results results) {
        List<String> lines = new ArrayList<>();
        new Summary(results).print(line -> lines.add(line.replaceAll(" +", " ").trim()));
        return lines;
    }

    @Test
    void shouldPrintMediansWithTheirSpreadForEachRate() {
        List<String> lines = printed(results(
                peer("Signalbox", 12, repetition(1000, 30, 2), repetition(1000, 10, 1), repetition(0, 7, 4)),
                peer("NATS", 6, repetition(1000, 20, 1))));

        assertThat(lines)
                .containsExactly(
                        "",
                        "memory, KiB per connection idle after load kernel, both ends",
                        "Signalbox 12.0 24.0 3.0",
                        "NATS 6.0 12.0 3.0",
                        "",
                        "1,000/s delivered/s cpu us/message p50 ms p99 ms",
                        "Signalbox 1,000 20.00 (10.00-30.00) 1.50 (1.00-2.00) 1.50 (1.00-2.00)",
                        "NATS 1,000 20.00 (20.00-20.00) 1.00 (1.00-1.00) 1.00 (1.00-1.00)",
                        "",
                        "as many as it takes delivered/s cpu us/message p50 ms p99 ms",
                        "Signalbox 0 7.00 (7.00-7.00) 4.00 (4.00-4.00) 4.00 (4.00-4.00)",
                        "NATS 0 0.00 (0.00-0.00) 0.00 (0.00-0.00) 0.00 (0.00-0.00)");
    }

    @Test
    void shouldSayWhatIsCountedOfDurableMessages() {
        Results pairs = results(peer("Signalbox", 12, repetition(10, 30, 2)));
        Results durable = new Results(
                "durable",
                pairs.command(),
                pairs.date(),
                pairs.machine(),
                pairs.settings(),
                pairs.missingPeers(),
                pairs.peers());

        assertThat(printed(durable)).contains("10/s acknowledged/s cpu us/message p50 ms p99 ms");
    }

    @Test
    void shouldPrintMemoryAloneWhenNothingWasSent() {
        assertThat(printed(results(peer("Signalbox", 12)))).hasSize(3);
    }
}
