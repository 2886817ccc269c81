package dev.muster.batch.internal.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.batch.spi.Credential;
import dev.muster.error.MusterException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyCredentialsTest {
  @TempDir
  private Path folder;

  private Path proxy;
  private String secret;

  @BeforeEach
  void makeProxy() throws Exception {
    String user = Secrets.certificate(folder, "user", 2, "");
    String leaf = Secrets.certificate(folder, "leaf", 9, "user");
    secret = Files.readString(folder.resolve("leaf.key"));
    proxy = Secrets.file(folder.resolve("x509up_u" + Host.uid(folder)), leaf + secret + user);
  }

  private Credential find(Map<String, String> environment) throws Exception {
    return new ProxyCredentials(Secrets.host(folder, environment)).find(() -> folder);
  }

  private void refused(ThrowingCallable what, String words) {
    assertThatThrownBy(what)
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("credential x509 (" + proxy)
        .hasMessageContaining(words)
        .hasMessageContaining("voms-proxy-init")
        .hasNoCause();
  }

  @Test
  void theFirstCertificateOfTheChainThatEndsCounts() throws Exception {
    Credential found = find(Map.of());
    assertThat(found.path()).isEqualTo(proxy);
    assertThat(Duration.between(Instant.now(), found.expires()))
        .isBetween(Duration.ofHours(40), Duration.ofHours(48));
  }

  @Test
  void theVariableNamesAnotherFile() throws Exception {
    Path other = Files.move(proxy, folder.resolve("mine"));
    assertThat(find(Map.of("X509_USER_PROXY", other.toString())).path()).isEqualTo(other);
    refused(() -> find(Map.of("X509_USER_PROXY", proxy.toString())), "is not there");
  }

  @Test
  void aMissingFileIsRefused() throws Exception {
    Files.delete(proxy);
    refused(() -> find(Map.of()), "is not there");
  }

  @Test
  void aFileThatOthersCanReadIsRefused() throws Exception {
    Files.setPosixFilePermissions(proxy, PosixFilePermissions.fromString("rw-r-----"));
    refused(() -> find(Map.of()), "can be used by others than its owner (rw-r-----)");
  }

  @Test
  void aFileOfSomebodyElseIsRefused() throws Exception {
    Host host = Secrets.host(folder, Map.of("X509_USER_PROXY", proxy.toString()));
    Host other = new Host(host.environment(), host.clock(), host.uid() + 1, folder);
    refused(() -> new ProxyCredentials(other).find(() -> folder), "belongs to user number");
  }

  @Test
  void aCertificateWithoutAKeyIsRefused() throws Exception {
    Secrets.file(proxy, Files.readString(folder.resolve("user.pem")));
    refused(() -> find(Map.of()), "holds no private key");
  }

  @Test
  void aFileWithoutACertificateIsRefused() throws Exception {
    Secrets.file(proxy, secret);
    refused(() -> find(Map.of()), "holds no certificate");
  }

  @Test
  void aDamagedCertificateIsRefusedWithoutItsContent() throws Exception {
    String damaged = "MIIDdamagedSECRETMATERIAL=";
    Secrets.file(
        proxy,
        "-----BEGIN CERTIFICATE-----\n" + damaged + "\n-----END CERTIFICATE-----\n" + secret);
    refused(() -> find(Map.of()), "certificate 1 cannot be read");
    assertThatThrownBy(() -> find(Map.of())).hasMessageNotContaining(damaged);
  }

  @Test
  void aCertificateOfTheFutureIsRefused() throws Exception {
    Host host = Secrets.host(folder, Map.of());
    Host early = new Host(
        Map.of(), InstantSource.fixed(Instant.parse("2020-01-01T00:00:00Z")), host.uid(), folder);
    refused(() -> new ProxyCredentials(early).find(() -> folder), "is not valid before");
  }

  @Test
  void refusesAKeyThatIsNotItsOwnOrEncrypted() throws Exception {
    String leaf = Files.readString(folder.resolve("leaf.pem"));
    Secrets.file(proxy, leaf + Files.readString(folder.resolve("user.key")));
    assertThatThrownBy(() -> find(Map.of()))
        .hasMessageContaining("holds a private key that is not that of its first certificate");
    Secrets.file(proxy, leaf + secret.replace("PRIVATE", "ENCRYPTED PRIVATE"));
    assertThatThrownBy(() -> find(Map.of()))
        .hasMessageContaining("a private key that is encrypted");
    Secrets.openssl(folder, "rsa -traditional -in leaf.key -out old.key");
    String old = Files.readString(folder.resolve("old.key"));
    Secrets.file(proxy, leaf + old);
    assertThat(find(Map.of())).isNotNull();
    Secrets.file(proxy, leaf + old.replace("KEY-----\nM", "KEY-----\nProc-Type: 4,ENCRYPTED\n\nM"));
    assertThatThrownBy(() -> find(Map.of()))
        .hasMessageContaining("a private key that is encrypted")
        .hasMessageContaining("voms-proxy-init");
  }

  @ParameterizedTest
  @ValueSource(strings = {"prime256v1", "secp384r1", "secp521r1"})
  void checksKeysOnEllipticCurvesInTheirOwnForm(String curve) throws Exception {
    for (String name : List.of("own", "other")) {
      Secrets.openssl(folder, "ecparam -name " + curve + " -genkey -noout -out " + name + ".key");
    }
    Secrets.openssl(folder, "req -x509 -new -key own.key -days 1 -subj /CN=muster -out own.pem");
    PublicKey certified;
    try (InputStream in = Files.newInputStream(folder.resolve("own.pem"))) {
      certified =
          CertificateFactory.getInstance("X.509").generateCertificate(in).getPublicKey();
    }
    String own = Files.readString(folder.resolve("own.key"));
    String other = Files.readString(folder.resolve("other.key"));
    assertThat(own).contains("BEGIN EC PRIVATE KEY");
    assertThat(ProxyKey.wrong(own, certified)).isNull();
    assertThat(ProxyKey.wrong(other, certified))
        .isEqualTo("holds a private key that is not that of its first certificate");
    try (InputStream in = Files.newInputStream(folder.resolve("user.pem"))) {
      PublicKey foreign =
          CertificateFactory.getInstance("X.509").generateCertificate(in).getPublicKey();
      assertThat(ProxyKey.wrong(own, foreign)).contains("is not that of its first certificate");
    }
  }
}
