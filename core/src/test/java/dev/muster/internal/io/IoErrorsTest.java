package dev.muster.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class IoErrorsTest {
  @Test
  void saysWhatIsWrongWithAFile() {
    assertThat(IoErrors.describe(new AccessDeniedException("/a")))
        .startsWith("/a: permission denied; check who may use it");
    assertThat(IoErrors.describe(new NoSuchFileException("/a")))
        .isEqualTo("/a: there is no such file or folder");
    assertThat(IoErrors.describe(new FileSystemException("/a", "/b", "Invalid cross-device link")))
        .isEqualTo("/a -> /b: Invalid cross-device link");
  }

  @Test
  void advisesWhereADiskIsFull() {
    assertThat(IoErrors.describe(new IOException("No space left on device")))
        .startsWith("No space left on device; free some space");
    assertThat(IoErrors.describe(new FileSystemException("/a", null, "No space left on device")))
        .startsWith("/a: No space left on device; free some space");
    assertThat(IoErrors.describe(new FileSystemException("/a", null, "Read-only file system")))
        .isEqualTo("/a: Read-only file system; use another folder");
  }

  @Test
  void saysAtLeastTheKindOfWhatHasNoMessage() {
    assertThat(IoErrors.describe(new IOException())).isEqualTo("IOException");
  }
}
