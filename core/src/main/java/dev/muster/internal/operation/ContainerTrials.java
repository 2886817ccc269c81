package dev.muster.internal.operation;

import dev.muster.code.ContainerSpec;
import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.ExitCode;
import dev.muster.plan.PlannedStage;
import dev.muster.probe.Finding;
import dev.muster.probe.Finding.Outcome;
import dev.muster.spi.ProbeContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Tries whether this machine can run the images of stages. Not thread-safe. */
public final class ContainerTrials {
  private static final String CHECK = "container";
  private static final List<String> COMMAND = List.of("/bin/sh", "-c", ":");

  private final ProbeContext context;
  private final Path baseDirectory;

  private ContainerTrials(ProbeContext context) {
    this.context = context;
    this.baseDirectory =
        context.plan().workflow().baseDirectory().toAbsolutePath().normalize();
  }

  /**
   * Starts a container of each image that a stage of a backend asks for, and tells how that went, pool by pool. An
   * image that would have to come from a registry is not fetched.
   *
   * @throws InterruptedException if the thread is interrupted; what was started is ended
   */
  public static void run(ProbeContext context, String backend) throws InterruptedException {
    ContainerTrials trials = new ContainerTrials(context);
    for (Pool pool : context.pools()) {
      Set<String> images = new TreeSet<>();
      for (PlannedStage stage : context.plan().stages()) {
        String image = stage.stage().environment().image();
        if (image != null
            && stage.route().backend().equals(backend)
            && stage.route().pools().contains(pool)) {
          images.add(image);
        }
      }
      for (String image : images) {
        trials.trial(pool, image);
      }
    }
  }

  private void trial(Pool pool, String image) throws InterruptedException {
    long began = System.nanoTime();
    Outcome outcome;
    String detail;
    try {
      ContainerSpec spec = ContainerSpec.of(image, context.config(), List.of(pool));
      ContainerRuntime runtime = ContainerRuntime.find(spec.way(pool.name()), baseDirectory);
      String wrong = attempt(spec, runtime);
      outcome = wrong == null ? Outcome.GOOD : Outcome.DOUBTFUL;
      detail = image + " with " + runtime.program() + (wrong == null ? "" : ": " + wrong);
    } catch (IllegalArgumentException | MusterException e) {
      outcome = Outcome.BAD;
      detail = String.valueOf(e.getMessage());
    } catch (IOException e) {
      outcome = Outcome.BAD;
      detail = image + ": " + IoErrors.describe(e);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    context.found(new Finding(pool.name(), CHECK, outcome, detail, took));
  }

  /** Returns why it cannot be told, or null if the image runs. */
  private @Nullable String attempt(ContainerSpec spec, ContainerRuntime runtime)
      throws IOException, InterruptedException {
    ContainerImage image = ContainerImage.find(spec, runtime, baseDirectory);
    Path directory = context.directory();
    Containers.Answer version = Containers.call(runtime, "version", "", directory);
    if (version.code() != 0) {
      throw new MusterException(runtime.program() + " does not work: "
          + ExitCode.describe(version.code()) + "\n" + version.text());
    }
    if (spec.path() == null
        && (runtime.plain() || !Containers.present(runtime, image.reference(), directory))) {
      return "not tried, for it has to be fetched first, which the first task does";
    }
    ContainerCall call = new ContainerCall(
        runtime,
        image,
        new Containers().fetch(runtime, image, directory),
        "muster-probe-" + UUID.randomUUID(),
        directory,
        List.of(directory, baseDirectory),
        Map.of(),
        Containers.own("uid", directory),
        Containers.own("gid", directory),
        COMMAND);
    Containers.Answer answer;
    boolean ended = false;
    try {
      answer = Containers.run(call.argv(), call.environment(), directory);
      ended = true;
    } finally {
      if (!ended) {
        call.remove();
      }
    }
    if (answer.code() != 0) {
      throw new MusterException(call + " cannot run a command: " + ExitCode.describe(answer.code())
          + "\n" + answer.text());
    }
    return null;
  }
}
