package dev.muster.batch.internal.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.batch.spi.Credential;
import dev.muster.error.MusterException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BearerTokensTest {
  private static final String GOOD = Secrets.token("{\"exp\":4000000000}");

  @TempDir
  private Path folder;

  private Credential find(Map<String, String> environment) throws Exception {
    return new BearerTokens("scitokens", Secrets.host(folder, environment)).find(() -> folder);
  }

  @Test
  void theOrderIsThatOfTheDiscovery() throws Exception {
    String name = "bt_u" + Host.uid(folder);
    Path last = Secrets.file(folder.resolve(name), GOOD);
    Path runtime = Files.createDirectory(folder.resolve("runtime"));
    Map<String, String> session = Map.of("XDG_RUNTIME_DIR", runtime.toString());
    assertThat(find(session).path()).isEqualTo(last);
    Path ofSession = Secrets.file(runtime.resolve(name), GOOD + "\n");
    assertThat(find(session).path()).isEqualTo(ofSession);
    Path named = Secrets.file(folder.resolve("named"), GOOD);
    Map<String, String> file =
        Map.of("XDG_RUNTIME_DIR", runtime.toString(), "BEARER_TOKEN_FILE", named.toString());
    assertThat(find(file).path()).isEqualTo(named);
    Credential found = find(Map.of("BEARER_TOKEN", GOOD, "BEARER_TOKEN_FILE", named.toString()));
    assertThat(found.source()).isEqualTo("the variable BEARER_TOKEN");
    assertThat(found.expires()).isEqualTo(Instant.ofEpochSecond(4_000_000_000L));
    assertThat(found.path()).content().isEqualTo(GOOD);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(found.path())))
        .isEqualTo("rw-------");
  }

  @Test
  void whereItWasLookedForIsTold() {
    assertThatThrownBy(() -> find(Map.of("XDG_RUNTIME_DIR", "/none")))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("credential scitokens was not found: neither BEARER_TOKEN nor")
        .hasMessageContaining("there is no /none/bt_u")
        .hasMessageContaining(folder + "/bt_u")
        .hasMessageEndingWith("htgettoken");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"sub\":\"me\"} | does not say when it expires",
        "{\"exp\":\"soon\"} | does not say when it expires",
        "{\"exp\":1e400} | does not say when it expires",
        "[] | is no token that can be read",
        "{\"exp | is no token that can be read",
        "{\"exp\":4000000000,\"nbf\":3900000000} | is not valid before 2093-08-01"
      })
  void wrongTokensAreRefusedWithoutTheirContent(String claims, String words) {
    assertThatThrownBy(() -> find(Map.of("BEARER_TOKEN", Secrets.token(claims))))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("credential scitokens (the variable BEARER_TOKEN)")
        .hasMessageContaining(words)
        .hasMessageContaining("htgettoken")
        .hasMessageNotContaining(Secrets.SIGNATURE)
        .hasNoCause();
  }

  @ParameterizedTest
  @CsvSource({"a.b", "'!.!.!'", "hello", "e30.e30."})
  void whatIsNoTokenIsRefused(String text) {
    assertThatThrownBy(() -> find(Map.of("BEARER_TOKEN", text)))
        .hasMessageContaining("is no token that can be read")
        .hasNoCause();
  }
}
