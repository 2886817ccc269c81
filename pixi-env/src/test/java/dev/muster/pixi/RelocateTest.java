package dev.muster.pixi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Runs the program that a worker runs, on files that are made so that the right answer is known. */
class RelocateTest {
  private static final String OLD = "/home/ann/project/.pixi/envs/default";
  private static final int ROOM = 255;

  @TempDir
  Path base;

  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private final Map<String, byte[]> expected = new LinkedHashMap<>();
  private final List<Map<String, Object>> table = new ArrayList<>();

  private void add(String mode, byte[] before, byte[] after) {
    String name = "f" + files.size();
    files.put(name, before);
    expected.put(name, after);
    table.add(Map.of("path", name, "mode", mode, "room", mode.equals("binary") ? ROOM : 0));
  }

  private void add(String mode, String before, String after) {
    add(
        mode,
        before.getBytes(StandardCharsets.ISO_8859_1),
        after.getBytes(StandardCharsets.ISO_8859_1));
  }

  private String relocate(String target) throws IOException, InterruptedException {
    Path script = base.resolve("relocate.py");
    Files.write(script, WorkerScripts.relocate());
    Path folder = Files.createDirectories(base.resolve("env/.muster")).getParent();
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
    Files.write(
        folder.resolve(".muster/relocate.json"),
        JsonMapper.builder()
            .build()
            .writeValueAsBytes(
                Map.of("prefixes", List.of(OLD), "editable", Map.of(), "files", table)));
    Process python = new ProcessBuilder(
            "/usr/bin/python3",
            "-I",
            "-S",
            "-B",
            "-X",
            "utf8",
            script.toString(),
            folder.toString(),
            target)
        .redirectErrorStream(true)
        .start();
    String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return python.waitFor() + " " + said;
  }

  private void check() throws IOException {
    for (Map.Entry<String, byte[]> file : expected.entrySet()) {
      assertThat(Files.readAllBytes(base.resolve("env").resolve(file.getKey())))
          .as(file.getKey())
          .isEqualTo(file.getValue());
    }
  }

  private static byte[] bytes(SplittableRandom random, int most) {
    byte[] bytes = new byte[random.nextInt(most)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) random.nextInt(1, 256);
    }
    return bytes;
  }

  /**
   * A string as an installer writes it: paths, other bytes, a zero byte, and zero bytes for what the placeholder was
   * longer.
   */
  private static void string(
      SplittableRandom random,
      String target,
      ByteArrayOutputStream before,
      ByteArrayOutputStream after)
      throws IOException {
    int paths = random.nextInt(4);
    before.write(bytes(random, 20));
    after.writeBytes(lastOf(before, after));
    for (int i = 0; i < paths; i++) {
      byte[] rest = ("/" + random.nextInt(1000) + (random.nextBoolean() ? ":" : ""))
          .getBytes(StandardCharsets.US_ASCII);
      before.write(OLD.getBytes(StandardCharsets.US_ASCII));
      after.write(target.getBytes(StandardCharsets.US_ASCII));
      before.write(rest);
      after.write(rest);
    }
    before.write(new byte[1 + paths * (ROOM - OLD.length())]);
    after.write(new byte[1 + paths * (ROOM - target.length())]);
  }

  // What was just added to the first and is not yet in the second; both have had the same length.
  private static byte[] lastOf(ByteArrayOutputStream before, ByteArrayOutputStream after) {
    byte[] all = before.toByteArray();
    return java.util.Arrays.copyOfRange(all, after.size(), all.length);
  }

  @Test
  void binariesKeepTheirLengthAndTextsTheirRest() throws Exception {
    SplittableRandom random = new SplittableRandom(20260101);
    for (int round = 0; round < 12; round++) {
      files.clear();
      expected.clear();
      table.clear();
      String target = "/t" + "x".repeat(random.nextInt(ROOM - 1));
      if (round == 0) {
        target = "/" + "y".repeat(ROOM - 1); // just fits
      }
      for (int file = 0; file < 20; file++) {
        ByteArrayOutputStream before = new ByteArrayOutputStream();
        ByteArrayOutputStream after = new ByteArrayOutputStream();
        int strings = random.nextInt(1, 12);
        for (int i = 0; i < strings; i++) {
          string(random, target, before, after);
        }
        assertThat(before.size()).isEqualTo(after.size());
        add("binary", before.toByteArray(), after.toByteArray());
        StringBuilder text = new StringBuilder("#\n");
        for (int i = 0; i < random.nextInt(20); i++) {
          text.append(random.nextBoolean() ? OLD : "word")
              .append(random.nextBoolean() ? "/lib\n" : " ");
        }
        add("text", text.toString(), text.toString().replace(OLD, target));
      }
      assertThat(relocate(target)).startsWith("0 ");
      check();
    }
  }

  @Test
  void aPathThatIsTooLongIsSaid() throws Exception {
    String padded = OLD + "/lib" + "\0".repeat(1 + ROOM - OLD.length());
    add("binary", padded, padded);
    String said = relocate("/" + "z".repeat(ROOM));
    assertThat(said)
        .startsWith("1 ")
        .contains("(256 characters) is too long for f0, which has room for 255", "worker_env_dir");
    check();
  }

  @Test
  void zeroBytesThatAreNoPaddingAreNotTaken() throws Exception {
    String packed = OLD + "/lib\0\0\0other";
    add("binary", packed, packed);
    assertThat(relocate(OLD + "xxx")).startsWith("1 ").contains("is too long for f0");
    files.clear();
    expected.clear();
    table.clear();
    add("binary", packed, OLD + "x/lib\0\0other");
    assertThat(relocate(OLD + "x")).startsWith("0 ");
    check();
  }

  @Test
  void whatPipWroteChangesInWholeNamesOnly() throws Exception {
    add(
        "words",
        OLD + "/bin " + OLD + "-gpu/bin '" + OLD + "'",
        "/new/bin " + OLD + "-gpu/bin '/new'");
    add("words", "#!" + OLD + "/bin/python3.11 -s\nx = 1\n", "#!/new/bin/python3.11 -s\nx = 1\n");
    assertThat(relocate("/new")).startsWith("0 ");
    check();
  }

  @Test
  void aFirstLineThatIsTooLongForAKernelFindsItsProgramOnThePath() throws Exception {
    add("words", "#!" + OLD + "/bin/python\nx = 1\n", "#!/usr/bin/env python\nx = 1\n");
    assertThat(relocate("/" + "n".repeat(130))).startsWith("0 ");
    check();
  }
}
