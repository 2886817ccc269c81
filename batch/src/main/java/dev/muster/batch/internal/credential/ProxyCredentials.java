package dev.muster.batch.internal.credential;

import dev.muster.batch.spi.Credential;
import dev.muster.batch.spi.CredentialContext;
import dev.muster.batch.spi.CredentialProvider;
import dev.muster.error.MusterException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The built-in kind {@code x509}: a proxy certificate with its key and chain, in the file that {@code X509_USER_PROXY}
 * names, else {@code /tmp/x509up_u<uid>}.
 *
 * <p>It ends when the first certificate of its chain ends. Source: RFC 3820, and where the Globus and VOMS tools leave
 * it. Thread-safe.
 */
public final class ProxyCredentials implements CredentialProvider {
  private static final String VARIABLE = "X509_USER_PROXY";
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----");
  private static final Pattern KEY = Pattern.compile("-----BEGIN ([A-Z]+ )?PRIVATE KEY-----");

  private final Host host;

  /** Creates the provider for this host. */
  public ProxyCredentials() {
    this(Host.here());
  }

  ProxyCredentials(Host host) {
    this.host = host;
  }

  @Override
  public String kind() {
    return "x509";
  }

  @Override
  public String variable() {
    return VARIABLE;
  }

  @Override
  public String renewal() {
    return "voms-proxy-init";
  }

  @Override
  public Credential find(CredentialContext context) {
    String named = host.variable(VARIABLE);
    Path path = named == null
        ? host.temporary().resolve("x509up_u" + host.uid())
        : Path.of(named).toAbsolutePath().normalize();
    String what =
        "credential x509 (" + path + (named == null ? "" : ", as " + VARIABLE + " says") + ")";
    byte[] bytes = SecretFile.read(what, path, host.uid(), renewal());
    try {
      return new Credential(path.toString(), path, expires(what, bytes));
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private Instant expires(String what, byte[] bytes) {
    CharSequence text = new Ascii(bytes, 0, bytes.length);
    Matcher certificates = CERTIFICATE.matcher(text);
    Instant expires = Instant.MAX;
    PublicKey certified = null;
    int number = 0;
    while (certificates.find()) {
      number++;
      X509Certificate certificate = certificate(
          what, number, Arrays.copyOfRange(bytes, certificates.start(), certificates.end()));
      certified = certified == null ? certificate.getPublicKey() : certified;
      Instant begin = certificate.getNotBefore().toInstant();
      if (begin.isAfter(host.clock().instant())) {
        throw new MusterException(what + ": certificate " + number + " is not valid before " + begin
            + "; is the clock of this host right? Else make a new one with " + renewal());
      }
      Instant end = certificate.getNotAfter().toInstant();
      expires = end.isBefore(expires) ? end : expires;
    }
    if (certified == null) {
      throw new MusterException(
          what + " holds no certificate that can be read; make a new one with " + renewal());
    }
    if (!KEY.matcher(text).find()) {
      throw new MusterException(what + " holds no private key, so it is a certificate but no proxy;"
          + " make one with " + renewal());
    }
    String wrong = ProxyKey.wrong(text, certified);
    if (wrong != null) {
      throw new MusterException(what + " " + wrong + "; make a new one with " + renewal());
    }
    return expires;
  }

  private X509Certificate certificate(String what, int number, byte[] pem) {
    try {
      return (X509Certificate) CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(pem));
    } catch (CertificateException e) {
      // Not with its cause, whose words may have a part of the file.
      throw new MusterException(what + ": certificate " + number + " cannot be read ("
          + e.getClass().getSimpleName() + "); make a new one with " + renewal());
    }
  }

  /** The bytes as characters, without a copy that could not be wiped. */
  private static final class Ascii implements CharSequence {
    private final byte[] bytes;
    private final int from;
    private final int to;

    Ascii(byte[] bytes, int from, int to) {
      this.bytes = bytes;
      this.from = from;
      this.to = to;
    }

    @Override
    public int length() {
      return to - from;
    }

    @Override
    public char charAt(int index) {
      return (char) (bytes[from + index] & 0xff);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Ascii(bytes, from + start, from + end);
    }

    @Override
    public String toString() {
      return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
  }
}
