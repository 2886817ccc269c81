package dev.muster.pixi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormatTest {
  @TempDir
  Path base;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 511, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 30 << 20})
  void gzipGivesBackWhatWasCompressed(int size) throws IOException {
    byte[] bytes = new byte[size];
    SplittableRandom random = new SplittableRandom(size);
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) random.nextInt(7);
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (ParallelGzip gzip = new ParallelGzip(packed, 1)) {
      for (int at = 0; at < size; at += 100_003) {
        gzip.write(bytes, at, Math.min(100_003, size - at));
      }
      gzip.finish();
    }
    if (size > 0) {
      assertThat(packed.size()).isLessThan(size + 64);
      try (GZIPInputStream in =
          new GZIPInputStream(new ByteArrayInputStream(packed.toByteArray()))) {
        assertThat(Arrays.equals(in.readAllBytes(), bytes)).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 8, 9, 64, 1000})
  void aPathIsFoundHoweverTheFileIsCut(int piece) {
    PrefixSearch search = new PrefixSearch(List.of("/opt/env", "/data/opt/env"));
    for (int before = 0; before < 40; before++) {
      assertThat(found(search, "x".repeat(before) + "/opt/env/lib", piece)).isTrue();
      assertThat(found(search, "/".repeat(before) + "/opt/enx/lib/opt/en", piece))
          .isFalse();
    }
    assertThat(found(search, "", piece)).isFalse();
    assertThat(search.binary()).isFalse();
    assertThat(found(search, "a\0b", piece)).isFalse();
    assertThat(search.binary()).isTrue();
  }

  private static boolean found(PrefixSearch search, String text, int piece) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    search.reset();
    for (int at = 0; at < bytes.length; at += piece) {
      byte[] part = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece));
      search.look(part, part.length);
    }
    return search.found();
  }

  @Test
  void tarUnderstandsLargeFilesAndLongNames() throws Exception {
    Path archive = base.resolve("a.tar");
    long large = 9L << 30;
    String name = "n".repeat(99) + "/" + "m".repeat(200) + "ü";
    try (OutputStream file = Files.newOutputStream(archive)) {
      TarWriter tar = new TarWriter(file);
      tar.begin(name, Entry.Kind.LINK, 0777, 0, 0, "t".repeat(150));
      tar.begin("x".repeat(100), Entry.Kind.FILE, 0640, 3, 86400, null);
      tar.write("abc".getBytes(StandardCharsets.US_ASCII), 0, 3);
      tar.begin("large", Entry.Kind.FILE, 0640, large, 86400, null);
    }
    Process list = new ProcessBuilder("tar", "--utc", "-tvf", archive.toString())
        .redirectErrorStream(true)
        .start();
    list.getOutputStream().close();
    String said = new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(list.waitFor()).isNotZero(); // the large file is not really there
    assertThat(said)
        .contains("t".repeat(150), "m".repeat(200))
        .contains("-rw-r-----", "3 1970-01-02 00:00 " + "x".repeat(100) + "\n")
        .contains(Long.toString(large));
  }
}
