package dev.muster.dask;

import dev.muster.execution.Pool;
import dev.muster.execution.Staging;
import dev.muster.probe.Finding;
import dev.muster.probe.Finding.Outcome;
import dev.muster.resource.MemorySize;
import dev.muster.spi.ProbeContext;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Tells what a job saw where it ran. Not thread-safe. */
record ProbeFindings(
    ProbeContext context,
    DaskConfig config,
    Pool pool,
    Map<String, @Nullable Object> here,
    Map<String, @Nullable Object> answer) {

  private static final double GIB = 1L << 30;

  void tell(Duration took) {
    found(
        "start",
        Outcome.GOOD,
        "on " + answer.get("host") + ", " + answer.get("cpus") + " CPUs",
        took);
    context.found(ProbeSoftware.finding(
        pool.name(), "python", map("software"), here, config.secure(), Duration.ZERO));
    modules();
    Object network = answer.get("network");
    found(
        "network",
        network == null ? Outcome.GOOD : Outcome.BAD,
        network == null
            ? "it can reach this host"
            : "it cannot reach this host, where the scheduler will be: " + network
                + "; name an address with execution.config.host",
        Duration.ZERO);
    gpus();
    scratch();
    shared();
    credentials();
    containers();
  }

  private void containers() {
    for (Object each : list("containers")) {
      Map<?, ?> container = (Map<?, ?>) each;
      double seconds = ((Number) Objects.requireNonNull(container.get("seconds"))).doubleValue();
      found(
          "container",
          Outcome.valueOf(String.valueOf(container.get("outcome"))),
          String.valueOf(container.get("detail")),
          Duration.ofMillis(Math.round(seconds * 1000)));
    }
  }

  private void modules() {
    List<?> problems = list("modules");
    if (!problems.isEmpty()) {
      found(
          "operations",
          Outcome.BAD,
          String.join("; ", problems.stream().map(String::valueOf).toList()),
          Duration.ZERO);
    } else if (!context.plan().workflow().registry().operations().isEmpty()) {
      found("operations", Outcome.GOOD, "their modules can be imported", Duration.ZERO);
    }
  }

  private void gpus() {
    Integer wanted = pool.quantities().gpus();
    if (wanted == null || wanted == 0) {
      return;
    }
    Map<String, @Nullable Object> gpus = map("gpus");
    List<?> devices = (List<?>) Objects.requireNonNull(gpus.get("devices"));
    Map<?, ?> said = (Map<?, ?>) Objects.requireNonNull(gpus.get("said"));
    if (devices.size() >= wanted) {
      found("gpu", Outcome.GOOD, devices.size() + ": " + devices.get(0), Duration.ZERO);
    } else if (!said.isEmpty()) {
      found(
          "gpu",
          Outcome.DOUBTFUL,
          "assigned (" + said + "), but nvidia-smi shows " + devices.size() + " of " + wanted,
          Duration.ZERO);
    } else {
      found(
          "gpu",
          Outcome.BAD,
          "none of " + wanted + " is seen: no nvidia-smi device and no CUDA_VISIBLE_DEVICES",
          Duration.ZERO);
    }
  }

  private void scratch() {
    Map<String, @Nullable Object> scratch = map("scratch");
    if (scratch.get("problem") != null) {
      found("scratch", Outcome.BAD, String.valueOf(scratch.get("problem")), Duration.ZERO);
      return;
    }
    long free = ((Number) Objects.requireNonNull(scratch.get("free"))).longValue();
    MemorySize disk = pool.quantities().disk();
    boolean little = disk != null && free < disk.bytes();
    String text = String.format(Locale.ROOT, "%.1f GiB free", free / GIB);
    found(
        "scratch",
        little ? Outcome.BAD : Outcome.GOOD,
        little ? text + ", and the pool asks for " + disk : text,
        Duration.ZERO);
  }

  private void shared() {
    List<?> unseen = list("unseen");
    boolean sent = context.plan().execution().execution().staging() == Staging.TRANSFER;
    found(
        "shared paths",
        unseen.isEmpty() ? Outcome.GOOD : Outcome.BAD,
        sent ? "none are needed" : unseen.isEmpty() ? "seen" : "not seen there: " + unseen,
        Duration.ZERO);
  }

  private void credentials() {
    List<?> problems = list(DaskProbe.CREDENTIALS);
    if (!problems.isEmpty()) {
      found(
          DaskProbe.CREDENTIALS,
          Outcome.BAD,
          String.join("; ", problems.stream().map(String::valueOf).toList()),
          Duration.ZERO);
    } else if (!context.credentials().variables().isEmpty()) {
      found(DaskProbe.CREDENTIALS, Outcome.GOOD, "they can be read there", Duration.ZERO);
    }
  }

  private void found(String check, Outcome outcome, String detail, Duration took) {
    context.found(new Finding(pool.name(), check, outcome, detail, took));
  }

  private List<?> list(String key) {
    return (List<?>) Objects.requireNonNull(answer.get(key));
  }

  @SuppressWarnings("unchecked") // keys of JSON objects are strings
  private Map<String, @Nullable Object> map(String key) {
    return (Map<String, @Nullable Object>) Objects.requireNonNull(answer.get(key));
  }
}
