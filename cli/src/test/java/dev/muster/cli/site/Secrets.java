package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** A proxy certificate and a signed token, made for a test, and a search for their bytes. */
final class Secrets {
  private final Path folder;
  private final UserPrincipal owner;
  final Path proxy;
  final String token;

  /** The token, as the contents of a file. */
  final Path tokenFile;

  /** When nothing of this was anywhere yet. */
  private final Instant before = Instant.now().minusSeconds(2);

  private final List<byte[]> wanted = new ArrayList<>();

  Secrets(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
    this(folder, System.getProperty("user.name"));
  }

  /** Makes those of a user: who runs tests as somebody else must be allowed to give files away. */
  Secrets(Path folder, String owner)
      throws IOException, InterruptedException, GeneralSecurityException {
    this.folder = Files.createDirectories(folder);
    this.owner =
        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner);
    this.proxy = folder.resolve("proxy.pem");
    this.tokenFile = folder.resolve("token");
    this.token = token(Instant.now().plusSeconds(7200));
    wanted.add(token.substring(token.indexOf('.') + 1).getBytes(StandardCharsets.US_ASCII));
    wanted.add(token.substring(token.lastIndexOf('.') + 1).getBytes(StandardCharsets.US_ASCII));
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout user.key -out user.pem -days 5 -subj /O=Test/CN=User");
    Files.writeString(
        folder.resolve("proxy.ext"),
        "proxyCertInfo=critical,language:id-ppl-inheritAll\nkeyUsage=critical,digitalSignature\n");
    renew();
    write(tokenFile, token);
  }

  /** Returns a token that is signed with a key of its own. */
  static String token(Instant expires) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    String text = part("{\"alg\":\"RS256\",\"typ\":\"JWT\"}") + "."
        + part("{\"sub\":\"user\",\"iss\":\"https://issuer.invalid\",\"exp\":"
            + expires.getEpochSecond() + "}");
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(pair.getPrivate());
    signature.update(text.getBytes(StandardCharsets.US_ASCII));
    return text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
  }

  private static String part(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  /** Puts a new proxy, signed by the user's certificate, in the place of the one that is there. */
  void renew() throws IOException, InterruptedException {
    openssl(
        "req -newkey rsa:2048 -nodes -keyout proxy.key -out proxy.csr -subj /O=Test/CN=User/CN=1234");
    openssl("x509 -req -in proxy.csr -CA user.pem -CAkey user.key -set_serial " + System.nanoTime()
        + " -days 2 -extfile proxy.ext -out proxy.crt");
    String key = Files.readString(folder.resolve("proxy.key"));
    key.lines()
        .filter(line -> line.length() == 64)
        .forEach(line -> wanted.add(line.getBytes(StandardCharsets.US_ASCII)));
    write(
        proxy,
        Files.readString(folder.resolve("proxy.crt"))
            + key
            + Files.readString(folder.resolve("user.pem")));
  }

  private void write(Path file, String text) throws IOException {
    Path fresh = folder.resolve("fresh");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, text);
    Files.setOwner(fresh, owner);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private void openssl(String words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(words.split(" ")));
    Process process = new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  String proxyHash() throws IOException, GeneralSecurityException {
    return hash(Files.readAllBytes(proxy));
  }

  static String hash(byte[] bytes) throws GeneralSecurityException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  /** Returns the files of a folder that hold a part of a secret; those that are older than it are not read. */
  List<Path> filesWithSecrets(Path root) throws IOException {
    return Folders.files(root, file -> isNew(file) && holdsOne(file));
  }

  private boolean isNew(Path file) {
    try {
      // No program can set it, so it is right for copies that keep the times of their originals.
      FileTime changed = (FileTime) Files.getAttribute(file, "unix:ctime");
      return changed.toInstant().isAfter(before);
    } catch (IOException e) {
      return false; // it has gone meanwhile
    }
  }

  /**
   * Returns what the system tells of processes, with a part of a secret in it: command lines, and environments of all
   * but one.
   */
  List<Path> processesWithSecrets(long without) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      for (Path process :
          all.filter(path -> path.getFileName().toString().matches("\\d+")).toList()) {
        for (String name : List.of("cmdline", "environ")) {
          boolean own = process.endsWith(Long.toString(without)) && name.equals("environ");
          if (!own && holdsOne(process.resolve(name))) {
            found.add(process.resolve(name));
          }
        }
      }
    }
    return found;
  }

  private boolean holdsOne(Path file) {
    try {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      return wanted.stream()
          .anyMatch(bytes -> text.contains(new String(bytes, StandardCharsets.US_ASCII)));
    } catch (IOException e) {
      return false; // a process that ended meanwhile, or one of somebody else
    }
  }
}
