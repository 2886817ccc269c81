package dev.muster.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineMemoryTest {
  private static final long GIB = 1L << 30;

  @TempDir
  private Path base;

  @BeforeEach
  void has24GiB() throws IOException {
    write("proc/meminfo", "MemTotal:       25165824 kB\nMemFree:        1 kB\n");
  }

  private void write(String name, String text) throws IOException {
    Path file = base.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private long memory() {
    return MachineMemory.of(base.resolve("proc"), base.resolve("groups"));
  }

  @Test
  void isThatOfTheMachineWhereNothingLimitsIt() throws IOException {
    write("proc/self/cgroup", "4:memory:/user\n0::/user\n");
    write("groups/memory/user/memory.limit_in_bytes", "9223372036854771712\n");
    write("groups/user/memory.max", "max\n");
    assertThat(memory()).isEqualTo(24 * GIB);
  }

  @Test
  void isTheLeastLimitOfTheGroupAndThoseAboveIt() throws IOException {
    write("proc/self/cgroup", "0::/slice/job/step\n");
    write("groups/slice/job/step/memory.max", "8589934592\n");
    write("groups/slice/job/memory.max", "4294967296\n");
    write("groups/slice/memory.max", "max\n");
    assertThat(memory()).isEqualTo(4 * GIB);
  }

  @Test
  void takesGroupsOfTheFirstVersion() throws IOException {
    write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/slurm/job_1\n0::/\n");
    write("groups/memory/slurm/job_1/memory.limit_in_bytes", "2147483648\n");
    assertThat(memory()).isEqualTo(2 * GIB);
  }

  @Test
  void takesTheLimitOfAContainerThatSeesItsOwnGroupOnly() throws IOException {
    write("proc/self/cgroup", "4:memory:/docker/0123\n");
    write("groups/memory/memory.limit_in_bytes", "1073741824\n");
    assertThat(memory()).isEqualTo(GIB);
    write("proc/self/cgroup", "0::/../other\n");
    write("other/memory.max", "1\n");
    assertThat(memory()).isEqualTo(24 * GIB);
  }

  @Test
  void isUnknownWhereTheSystemDoesNotTell() throws IOException {
    assertThat(memory()).isEqualTo(-1);
    write("proc/self/cgroup", "0::/\n");
    write("proc/meminfo", "MemFree: 1 kB\n");
    assertThat(memory()).isEqualTo(-1);
  }

  @Test
  void isNoMoreThanTheJvmSays() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    assertThat(Machine.here().memory().bytes()).isBetween(1L, system.getTotalMemorySize());
  }
}
