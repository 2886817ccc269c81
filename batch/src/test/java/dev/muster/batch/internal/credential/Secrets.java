package dev.muster.batch.internal.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Credentials for tests. */
final class Secrets {
  static final String SIGNATURE = "c2lnbmF0dXJlIG9mIGEgdG9rZW4";

  private Secrets() {}

  static Host host(Path temporary, Map<String, String> environment) throws IOException {
    return new Host(environment, java.time.InstantSource.system(), Host.uid(temporary), temporary);
  }

  static String token(String claims) {
    return part("{\"alg\":\"RS256\"}") + "." + part(claims) + "." + SIGNATURE;
  }

  static String part(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  static Path file(Path path, String text) throws IOException {
    Files.writeString(path, text);
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
  }

  /**
   * Returns a certificate for so many days, signed by {@code issuer} or by itself, and its key, as {@code <name>.pem}
   * and {@code <name>.key}.
   */
  static String certificate(Path folder, String name, int days, String issuer)
      throws IOException, InterruptedException {
    if (issuer.isEmpty()) {
      openssl(
          folder,
          "req -x509 -newkey rsa:2048 -nodes -keyout " + name + ".key -out " + name + ".pem -days "
              + days + " -subj /CN=" + name);
    } else {
      openssl(
          folder,
          "req -newkey rsa:2048 -nodes -keyout " + name + ".key -out " + name + ".csr -subj /CN="
              + issuer + "/CN=proxy");
      openssl(
          folder,
          "x509 -req -in " + name + ".csr -CA " + issuer + ".pem -CAkey " + issuer
              + ".key -set_serial 7 -days " + days + " -out " + name + ".pem");
    }
    return Files.readString(folder.resolve(name + ".pem"));
  }

  static void openssl(Path folder, String words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(words.split(" ")));
    Process process = new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }
}
