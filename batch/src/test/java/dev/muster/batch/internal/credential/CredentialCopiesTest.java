package dev.muster.batch.internal.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import dev.muster.spi.WorkerCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialCopiesTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir
  private Path folder;

  private Path original;
  private Path directory;
  private Instant now = NOW;
  private final List<String> notices = new CopyOnWriteArrayList<>();
  private @Nullable CredentialCopies copies;

  @BeforeEach
  void makeToken() throws IOException {
    original = folder.resolve("bt_u" + Host.uid(folder));
    directory = folder.resolve("run/debug/credentials");
    write(token(Duration.ofHours(2), "one"));
  }

  @AfterEach
  void close() {
    if (copies != null) {
      copies.close();
    }
    assertThat(directory).doesNotExist();
  }

  private static String token(Duration life, String name) {
    return Secrets.token(
        "{\"exp\":" + NOW.plus(life).getEpochSecond() + ",\"sub\":\"" + name + "\"}");
  }

  private void write(String text) throws IOException {
    Path fresh = Secrets.file(folder.resolve("fresh"), text);
    Files.move(fresh, original, StandardCopyOption.ATOMIC_MOVE);
  }

  private CredentialCopies copies(@Nullable Duration required, Map<String, Duration> walltimes)
      throws IOException {
    InstantSource clock = () -> now;
    Host host = new Host(Map.of(), clock, Host.uid(folder), folder);
    copies = new CredentialCopies(
        "run",
        List.of(new BearerTokens("wlcg", host)),
        directory,
        required,
        walltimes,
        notices::add,
        clock);
    return copies;
  }

  private Path copy() {
    return directory.resolve("wlcg");
  }

  @Test
  void aWorkerIsToldThePathOfACopyThatOnlyItsOwnerCanRead() throws Exception {
    WorkerCredentials told = copies(null, Map.of()).make();
    assertThat(told.variables()).isEqualTo(Map.of("BEARER_TOKEN_FILE", copy().toString()));
    assertThat(told.unset()).containsExactly("BEARER_TOKEN");
    assertThat(told.summary())
        .containsExactly("wlcg from " + original + ", valid until 2026-01-01T02:00:00Z");
    assertThat(copy()).hasSameBinaryContentAs(original);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy())))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .isEqualTo("rwx------");
    assertThat(notices).isEmpty();
  }

  @Test
  void aPreviewLooksForNothing() throws Exception {
    Files.delete(original);
    assertThat(copies(null, Map.of()).preview().variables())
        .isEqualTo(Map.of("BEARER_TOKEN_FILE", copy().toString()));
    assertThat(directory).doesNotExist();
  }

  @Test
  void anExpiredOneIsRefusedAndNothingIsLeft() throws Exception {
    now = NOW.plus(Duration.ofHours(2));
    CredentialCopies made = copies(null, Map.of());
    assertThatThrownBy(made::make)
        .isInstanceOf(MusterException.class)
        .hasMessage("credential wlcg (" + original
            + ") expired at 2026-01-01T02:00:00Z; make a new one with htgettoken");
    assertThat(directory).doesNotExist();
  }

  @Test
  void oneThatIsShorterThanRequiredIsRefused() throws Exception {
    CredentialCopies made = copies(Duration.ofMinutes(121), Map.of());
    assertThatThrownBy(made::make)
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("for another 2 h")
        .hasMessageContaining("required_lifetime asks for 2 h 1 min")
        .hasMessageEndingWith("htgettoken");
  }

  @Test
  void oneThatIsShorterThanAWalltimeIsSpokenOf() throws Exception {
    copies(Duration.ofHours(2), Map.of("long", Duration.ofHours(3), "short", Duration.ofHours(2)))
        .make();
    assertThat(notices).hasSize(1);
    assertThat(notices.get(0)).contains("workers of pool long may run for 3 h");
  }

  @Test
  void aNewOneIsPassedOn() throws Exception {
    CredentialCopies made = copies(null, Map.of());
    made.make();
    made.renew();
    assertThat(notices).isEmpty();
    write(token(Duration.ofHours(5), "two"));
    made.renew();
    assertThat(copy()).hasSameBinaryContentAs(original);
    assertThat(notices).hasSize(1);
    assertThat(notices.get(0)).contains("was renewed").contains("2026-01-01T05:00:00Z");
  }

  @Test
  void aWrongNewOneIsNotPassedOnAndSaidOnce() throws Exception {
    CredentialCopies made = copies(null, Map.of());
    made.make();
    byte[] before = Files.readAllBytes(copy());
    write("nonsense");
    made.renew();
    made.renew();
    assertThat(copy()).hasBinaryContent(before);
    assertThat(notices).hasSize(1);
    assertThat(notices.get(0)).contains("workers keep the old one").doesNotContain("nonsense");
    write(token(Duration.ofHours(5), "three"));
    made.renew();
    assertThat(copy()).hasSameBinaryContentAs(original);
  }

  @Test
  void theEndOfOneThatNobodyRenewsIsSpokenOfOnce() throws Exception {
    CredentialCopies made = copies(null, Map.of());
    made.make();
    now = NOW.plus(Duration.ofMinutes(111));
    Files.delete(original);
    made.renew();
    made.renew();
    assertThat(notices).hasSize(1);
    assertThat(notices.get(0)).contains("was not renewed").endsWith("htgettoken");
  }
}
