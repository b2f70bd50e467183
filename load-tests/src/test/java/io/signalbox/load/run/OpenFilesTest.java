package io.signalbox.load.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenFilesTest {
    private static List<String> limits(String soft, String hard) {
        return List.of(
                "Limit                     Soft Limit           Hard Limit           Units     ",
                "Max processes             7                    7                    processes ",
                "Max open files            %-20s %-20s files     ".formatted(soft, hard),
                "Max locked memory         8388608              8388608              bytes     ");
    }

    @ParameterizedTest
    @CsvSource({
        "20000,30000,19500",
        "1024,1048576,524",
        "unlimited,unlimited,2147483147",
        "4294967296,4294967296,2147483147",
        "9223372036854775807,unlimited,2147483147"
    })
    void shouldLeaveSomeOfTheSoftLimitForOtherFiles(String soft, String hard, int connections) throws IOException {
        assertThat(OpenFiles.connections(limits(soft, hard))).isEqualTo(connections);
    }

    @Test
    void shouldSayWhenTheSystemDoesNotTell() {
        assertThatThrownBy(() -> OpenFiles.connections(List.of("Max processes 7 7 processes")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void shouldReadThisSystemsLimit() throws IOException {
        assertThat(OpenFiles.connectionsPerProcess()).isPositive();
    }
}
