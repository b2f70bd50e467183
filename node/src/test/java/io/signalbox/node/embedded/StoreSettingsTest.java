package io.signalbox.node.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreSettingsTest {
    private final Random random = new Random(42);

    @TempDir
    Path temporary;

    @Test
    void shouldReadBackWhatWasSavedWhenNothingMoved() throws Exception {
        StoreSettings saved = StoreSettings.load(temporary, random).atPort(20_001);
        saved.save();

        assertThat(StoreSettings.load(temporary, random)).isEqualTo(saved);
    }

    @Test
    void shouldThinkUpOthersWhenThereAreNone() throws Exception {
        StoreSettings one = StoreSettings.load(temporary, random);
        StoreSettings other = StoreSettings.load(temporary, random);

        assertThat(one.port()).isZero();
        assertThat(one.marker()).isNotEqualTo(other.marker());
        assertThat(one.password()).isNotEqualTo(other.password());
        assertThat(one.password().reveal()).hasSize(48);
    }

    @Test
    void shouldLetOnlyTheOwnerReadWhenSaved() throws Exception {
        StoreSettings.load(temporary, random).save();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temporary.resolve("store.properties"))))
                .isEqualTo("rw-------");
        try (var files = Files.list(temporary)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void shouldTakeANewMarkerButKeepThePasswordWhenTheFolderWasCopied() throws Exception {
        StoreSettings original = StoreSettings.load(temporary, random);
        original.save();
        Path copy = Files.createDirectory(temporary.resolve("copy"));
        Files.copy(temporary.resolve("store.properties"), copy.resolve("store.properties"));

        StoreSettings copied = StoreSettings.load(copy, random);

        assertThat(copied.password()).isEqualTo(original.password());
        assertThat(copied.marker()).isNotEqualTo(original.marker());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "marker=a\nfolder=b\npassword=c\nport=x", "marker=a\nfolder=b\nport=1"})
    void shouldSayWhatToDoWhenTheFileIsDamaged(String content) throws Exception {
        Files.writeString(temporary.resolve("store.properties"), content);

        assertThatThrownBy(() -> StoreSettings.load(temporary, random))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("store.properties")
                .hasMessageContaining("restore it from a copy");
    }

    @Test
    void shouldNotShowThePasswordWhenPrinted() throws Exception {
        StoreSettings settings = StoreSettings.load(temporary, random);

        assertThat(settings.toString()).doesNotContain(settings.password().reveal());
    }
}
