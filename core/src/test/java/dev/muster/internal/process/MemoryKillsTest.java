package dev.muster.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryKillsTest {
  @TempDir
  Path base;

  @ParameterizedTest
  @CsvSource({
    "'9:cpu:/\n4:hugetlb,memory:/job 1\n0::/job 2\n', 3",
    "'0::/job 2\n', 4",
    "'4:memory:/elsewhere\n0::/job 2\n', 7",
    "'0::/../job 2\n', 7",
    "'nonsense\n', 7",
    "'', 7"
  })
  void countsThoseOfTheOwnControlGroupWhereItCan(String groups, long count) throws IOException {
    write("groups/memory/job 1/memory.oom_control", "under_oom 0\noom_kill 3\n");
    write("groups/job 2/memory.events", "oom 0\noom_kill 4\noom_group_kill 0\n");
    write("proc/vmstat", "pgfault 1\noom_kill 7\n");
    write("proc/self/cgroup", groups);

    assertThat(MemoryKills.count(base.resolve("proc"), base.resolve("groups"))).isEqualTo(count);
  }

  private void write(String name, String text) throws IOException {
    Path file = base.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void isCountedAMomentBeforeAtMost() {
    long before = MemoryKills.before();
    long count = MemoryKills.count();
    assertThat(before).isLessThanOrEqualTo(count);
    assertThat(MemoryKills.before()).isGreaterThanOrEqualTo(count);
  }
}
