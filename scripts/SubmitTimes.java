import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Times submissions to Slurm, for submit-compare.py. Arguments: workers, rounds, a folder. Prints a JSON list of
 * seconds.
 */
class SubmitTimes {
  public static void main(String[] args) {
    int workers = Integer.parseInt(args[0]);
    List<Double> seconds = new ArrayList<>();
    JobSpec spec = JobSpec.builder("compare", List.of("true"), Path.of(args[2]))
        .quantities(Quantities.builder().cpus(1).memory(MemorySize.parse("1GB")).build())
        .config("walltime", "1h")
        .config("job_extra_directives", List.of("--hold"))
        .build();
    try (BatchSystem slurm = Jobs.open("slurm", Path.of(args[2]), Map.of())) {
      for (int round = 0; round < Integer.parseInt(args[1]); round++) {
        long start = System.nanoTime();
        List<JobId> jobs = slurm.submit(spec, workers);
        seconds.add((System.nanoTime() - start) / 1e9);
        if (Set.copyOf(jobs).size() != workers) {
          throw new IllegalStateException(jobs.size() + " jobs instead of " + workers);
        }
        slurm.cancel(Set.copyOf(jobs));
      }
    }
    System.out.println(seconds);
  }
}
