package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyBucketsTest {
    @ParameterizedTest
    @CsvSource({"-5,0,0", "0,0,0", "7,7,7", "8,8,8", "15,15,15", "16,16,17", "17,16,17", "18,17,19", "1000,63,1023"})
    void shouldNumberTimes(long millis, int bucket, long longest) {
        assertThat(LatencyBuckets.of(millis)).isEqualTo(bucket);
        assertThat(LatencyBuckets.longest(bucket)).isEqualTo(longest);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 31, 100, 4_095, 4_096, 86_400_000, Long.MAX_VALUE / 4})
    void shouldHoldEachTimeInTheBucketThatEndsAtOrAfterIt(long millis) {
        int bucket = LatencyBuckets.of(millis);

        assertThat(LatencyBuckets.longest(bucket)).isGreaterThanOrEqualTo(millis);
        assertThat(LatencyBuckets.longest(bucket - 1)).isLessThan(millis);
        assertThat(LatencyBuckets.longest(bucket)).isLessThanOrEqualTo(millis + millis / 8);
    }
}
