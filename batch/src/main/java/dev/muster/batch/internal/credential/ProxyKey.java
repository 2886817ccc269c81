package dev.muster.batch.internal.credential;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the private key of a proxy; its bytes are wiped. Thread-safe. */
final class ProxyKey {
  private static final Pattern KEY = Pattern.compile(
      "-----BEGIN ([A-Z]+ )?PRIVATE KEY-----(.*?)-----END ([A-Z]+ )?PRIVATE KEY-----",
      Pattern.DOTALL);
  private static final byte[] PROBE = "muster".getBytes(StandardCharsets.US_ASCII);
  // The head of an RSA key in PKCS #8: version 0, and the algorithm.
  private static final byte[] RSA_HEAD = {
    2, 1, 0, 0x30, 13, 6, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 13, 1, 1, 1, 5, 0
  };

  private static final String FOREIGN =
      "holds a private key that is not that of its first certificate";

  private ProxyKey() {}

  /**
   * Says what is wrong with the key of a proxy.
   *
   * @param text the file
   * @param certified the key that its first certificate speaks of
   * @return for example {@code holds a private key that is encrypted}; null if nothing is, or if the key is of a form
   *     that cannot be checked
   */
  static @Nullable String wrong(CharSequence text, PublicKey certified) {
    Matcher key = KEY.matcher(text);
    if (!key.find()) {
      return "holds no private key that is complete";
    }
    String form = key.group(1) == null ? "" : key.group(1).strip();
    String body = key.group(2);
    if (form.equals("ENCRYPTED") || body.contains("ENCRYPTED")) {
      return "holds a private key that is encrypted, and nobody is there who could type its password";
    }
    byte[] bytes;
    try {
      bytes = Base64.getMimeDecoder().decode(body);
    } catch (IllegalArgumentException e) {
      return "holds a private key that cannot be read";
    }
    try {
      String algorithm = certified.getAlgorithm().toUpperCase(Locale.ROOT);
      if (!(form.isEmpty() || form.equals("RSA") || form.equals("EC"))
          || !(algorithm.equals("RSA") || algorithm.equals("EC"))) {
        return null;
      }
      if (!form.isEmpty()) {
        byte[] plain = bytes;
        byte[] head = form.equals("RSA") ? RSA_HEAD : ecHead(certified);
        if (head == null) {
          return algorithm.equals("EC") ? null : FOREIGN;
        }
        bytes = pkcs8(head, plain);
        Arrays.fill(plain, (byte) 0);
      }
      PrivateKey secret = KeyFactory.getInstance(form.isEmpty() ? algorithm : form)
          .generatePrivate(new PKCS8EncodedKeySpec(bytes));
      return fits(secret, certified, algorithm) ? null : FOREIGN;
    } catch (GeneralSecurityException e) {
      return FOREIGN;
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private static boolean fits(PrivateKey secret, PublicKey certified, String algorithm)
      throws GeneralSecurityException {
    Signature signature =
        Signature.getInstance(algorithm.equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
    signature.initSign(secret);
    signature.update(PROBE);
    byte[] signed = signature.sign();
    signature.initVerify(certified);
    signature.update(PROBE);
    return signature.verify(signed);
  }

  /**
   * Returns the head of an EC key in PKCS #8: version 0, and the algorithm with its curve, as the certificate has them;
   * null if that has none, or one without a name.
   */
  private static byte @Nullable [] ecHead(PublicKey certified) {
    byte[] encoded = certified.getEncoded();
    // A sequence of the algorithm, which is a sequence too, and the point.
    int start = 2 + lengthBytes(encoded[1]);
    if (!certified.getAlgorithm().equals("EC")
        || encoded[start] != 0x30
        || encoded[start + 1] < 0) {
      return null;
    }
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.writeBytes(new byte[] {2, 1, 0});
    head.write(encoded, start, 2 + encoded[start + 1]);
    return head.toByteArray();
  }

  private static int lengthBytes(byte first) {
    return first < 0 ? first & 0x7F : 0; // a long length follows its own number of bytes
  }

  private static byte[] pkcs8(byte[] head, byte[] own) {
    ByteArrayOutputStream inner = new ByteArrayOutputStream();
    inner.writeBytes(head);
    inner.write(4);
    length(inner, own.length);
    inner.writeBytes(own);
    ByteArrayOutputStream outer = new ByteArrayOutputStream();
    outer.write(0x30);
    length(outer, inner.size());
    outer.writeBytes(inner.toByteArray());
    return outer.toByteArray();
  }

  private static void length(ByteArrayOutputStream out, int length) {
    if (length < 0x80) {
      out.write(length);
    } else if (length < 0x100) {
      out.write(0x81);
      out.write(length);
    } else {
      out.write(0x82);
      out.write(length >> 8);
      out.write(length & 0xFF);
    }
  }
}
