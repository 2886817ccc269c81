package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs of Debian's Open MPI in jobs with several nodes, on the Slurm of scripts/sites/slurm-up.sh. */
@Exclusive(Exclusive.SLURM)
@Timeout(300)
class SlurmMpiIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** Nodes of one machine: their processes must not take each other for neighbours, and talk over the loopback. */
  private static final Map<String, String> EMULATED = Map.of(
      "OMPI_ALLOW_RUN_AS_ROOT", "1",
      "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1",
      "OMPI_MCA_btl", "self,tcp",
      "OMPI_MCA_btl_tcp_if_include", "lo",
      "OMPI_MCA_oob_tcp_if_include", "lo");

  /** Adds 1 + its rank over all ranks; needs nothing but the library. */
  private static final String PROGRAM = """
      import ctypes, os

      mpi = ctypes.CDLL("libmpi.so.40", mode=ctypes.RTLD_GLOBAL)

      def handle(name):
          return ctypes.c_void_p(ctypes.addressof(ctypes.c_char.in_dll(mpi, name)))

      world, whole, add = map(handle, ("ompi_mpi_comm_world", "ompi_mpi_int", "ompi_mpi_op_sum"))
      rank, size, total = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
      mpi.MPI_Init(None, None)
      mpi.MPI_Comm_rank(world, ctypes.byref(rank))
      mpi.MPI_Comm_size(world, ctypes.byref(size))
      own = ctypes.c_int(rank.value + 1)
      mpi.MPI_Allreduce(ctypes.byref(own), ctypes.byref(total), 1, whole, add, world)
      mpi.MPI_Finalize()
      line = "rank %d of %d on %s: %d\\n" % (rank.value, size.value, os.environ["SLURMD_NODENAME"], total.value)
      os.write(1, line.encode())
      """;

  @TempDir
  private Path base;

  private SlurmSite site;

  @BeforeAll
  static void installOpenMpi() throws Exception {
    Commands.variable("SLURM_CONF", "slurm-up.sh");
    Commands.installed(Path.of("/usr/bin/mpirun.openmpi"), "openmpi-bin");
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    await().atMost(LIMIT).until(() -> site.queue().isEmpty());
  }

  @Test
  void ranksOnSeveralNodesComputeTogether() throws Exception {
    site = new SlurmSite(base);
    Files.writeString(base.resolve("ranks.py"), PROGRAM);
    Files.writeString(base.resolve("ops.py"), "def width(ctx): return [ctx.nodes, ctx.ranks]\n");
    Files.writeString(base.resolve("site.yaml"), """
        name: mpi
        analysis:
          stages:
            - id: Add
              op: shell
              params:
                command: mpirun.openmpi -n "$MUSTER_RANKS" /usr/bin/python3 {base_dir}/ranks.py | sort >{base_dir}/added
              environment: {resources: {nodes: 2, tasks_per_node: 2}}
            - id: Width
              op: python
              needs: []
              params: {callable: 'ops:width'}
              execution: {require: parallel}
            - id: Alone
              op: shell
              needs: []
              params: {command: 'echo $MUSTER_NODES $MUSTER_RANKS >{base_dir}/alone'}
            - id: Tell
              op: shell
              needs: [Width]
              params: {command: 'echo {input.Width} >{base_dir}/width'}
        execution:
          backend: batch
          strategy: slurm
          config: {poll_interval: 1s, python: /usr/bin/python3}
          pools:
            default: {resources: {cpus: 1, memory: 100MB}}
            parallel: {resources: {cpus: 1, memory: 400MB, nodes: 2, tasks_per_node: 3}}
        """);

    MusterProcess run = MusterProcess.start(EMULATED, site.java(), base, "run");
    run.awaitEnd(LIMIT);

    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(base.resolve("added")).hasContent("""
        rank 0 of 4 on cpu1: 10
        rank 1 of 4 on cpu1: 10
        rank 2 of 4 on cpu2: 10
        rank 3 of 4 on cpu2: 10
        """);
    assertThat(base.resolve("width")).hasContent("2 6");
    assertThat(base.resolve("alone")).hasContent("1 1");
  }
}
