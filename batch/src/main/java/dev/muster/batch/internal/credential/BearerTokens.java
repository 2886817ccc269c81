package dev.muster.batch.internal.credential;

import dev.muster.batch.spi.Credential;
import dev.muster.batch.spi.CredentialContext;
import dev.muster.batch.spi.CredentialProvider;
import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The built-in kinds {@code scitokens} and {@code wlcg}: a bearer token, found as the WLCG's bearer token discovery
 * says: the variable {@code BEARER_TOKEN}, the file that {@code BEARER_TOKEN_FILE} names,
 * {@code $XDG_RUNTIME_DIR/bt_u<uid>}, {@code /tmp/bt_u<uid>}; the first that is there counts.
 *
 * <p>The token is decoded, not verified: whoever it is shown to does that. Source: WLCG Bearer Token Discovery 1.0, RFC
 * 7519. Thread-safe.
 */
public final class BearerTokens implements CredentialProvider {
  private static final String TOKEN = "BEARER_TOKEN";
  private static final String VARIABLE = "BEARER_TOKEN_FILE";

  /** Seconds since 1970, some thirty thousand years. */
  private static final double FARTHEST = 1e12;

  private final String kind;
  private final Host host;

  /** Creates the provider of a kind for this host. */
  public BearerTokens(String kind) {
    this(kind, Host.here());
  }

  BearerTokens(String kind, Host host) {
    this.kind = kind;
    this.host = host;
  }

  @Override
  public String kind() {
    return kind;
  }

  @Override
  public String variable() {
    return VARIABLE;
  }

  @Override
  public List<String> unset() {
    return List.of(TOKEN);
  }

  @Override
  public String renewal() {
    return "htgettoken";
  }

  @Override
  public Credential find(CredentialContext context) {
    String token = host.variable(TOKEN);
    if (token != null) {
      return ofVariable(token.strip().getBytes(StandardCharsets.UTF_8), context.directory());
    }
    String named = host.variable(VARIABLE);
    Path path;
    if (named != null) {
      path = Path.of(named).toAbsolutePath().normalize();
    } else {
      path = byConvention();
    }
    String what = "credential " + kind + " (" + path
        + (named == null ? "" : ", as " + VARIABLE + " says") + ")";
    byte[] bytes = SecretFile.read(what, path, host.uid(), renewal());
    try {
      return new Credential(path.toString(), path, expires(what, bytes));
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private Credential ofVariable(byte[] bytes, Path directory) {
    String source = "the variable " + TOKEN;
    Path path = directory.resolve("." + kind + ".found");
    try {
      Instant expires = expires("credential " + kind + " (" + source + ")", bytes);
      SecretFile.write(path, bytes);
      return new Credential(source, path, expires);
    } catch (IOException e) {
      throw new MusterException(
          "cannot write a file for credential " + kind + ": " + IoErrors.describe(e), e);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private Path byConvention() {
    String name = "bt_u" + host.uid();
    String runtime = host.variable("XDG_RUNTIME_DIR");
    Path first = runtime == null ? null : Path.of(runtime).resolve(name).toAbsolutePath();
    Path last = host.temporary().resolve(name);
    if (first != null && Files.exists(first)) {
      return first;
    }
    if (!Files.exists(last)) {
      throw new MusterException("credential " + kind + " was not found: neither " + TOKEN + " nor "
          + VARIABLE + " is set, and there is no " + (first == null ? "" : first + " and no ")
          + last
          + "; make one with " + renewal());
    }
    return last;
  }

  private Instant expires(String what, byte[] bytes) {
    JsonNode claims = claims(bytes);
    if (claims == null) {
      throw new MusterException(what + " is no token that can be read (header.claims.signature, as"
          + " JWTs are); make a new one with " + renewal());
    }
    Instant begin = time(claims.get("nbf"));
    if (begin != null && begin.isAfter(host.clock().instant())) {
      throw new MusterException(what + " is not valid before " + begin
          + "; is the clock of this host right? Else make a new one with " + renewal());
    }
    Instant expires = time(claims.get("exp"));
    if (expires == null) {
      throw new MusterException(what + " does not say when it expires (its claim 'exp'); make a new"
          + " one with " + renewal());
    }
    return expires;
  }

  /** Returns what it claims, or null if it is none. */
  private static @Nullable JsonNode claims(byte[] token) {
    String[] parts = new String(token, StandardCharsets.ISO_8859_1).strip().split("\\.", -1);
    if (parts.length != 3) {
      return null;
    }
    try {
      JsonNode header = Json.MAPPER.readTree(Base64.getUrlDecoder().decode(parts[0]));
      JsonNode claims = Json.MAPPER.readTree(Base64.getUrlDecoder().decode(parts[1]));
      return header.isObject() && claims.isObject() && !parts[2].isEmpty() ? claims : null;
    } catch (IllegalArgumentException | JacksonException e) {
      return null; // without the cause, whose words have a part of the token
    }
  }

  private static @Nullable Instant time(@Nullable JsonNode claim) {
    if (claim == null || !claim.isNumber()) {
      return null;
    }
    double seconds = claim.doubleValue();
    return Math.abs(seconds) < FARTHEST ? Instant.ofEpochSecond((long) seconds) : null;
  }

  /** Loaded with the first token: making the mapper takes a tenth of the time in which a command checks a workflow. */
  private static final class Json {
    static final JsonMapper MAPPER = JsonMapper.builder().build();
  }
}
