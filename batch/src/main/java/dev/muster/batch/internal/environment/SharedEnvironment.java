package dev.muster.batch.internal.environment;

import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.EnvironmentOptions;
import dev.muster.batch.spi.EnvironmentProvider;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.code.ShellWords;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Staging;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The built-in environment {@code shared}: an installed environment in a folder that every worker sees under the same
 * path.
 *
 * <p>Option {@code prefix}: that folder, with a {@code bin/python}. A Conda or Pixi environment is also activated, as
 * its packages say in {@code etc/conda/activate.d}. Thread-safe.
 */
public final class SharedEnvironment implements EnvironmentProvider {
  private static final String PREFIX = "prefix";

  @Override
  public String type() {
    return "shared";
  }

  @Override
  public void check(EnvironmentContext context) {
    PreparedEnvironment unused = prepare(context); // looks at two paths and writes nothing
  }

  @Override
  public PreparedEnvironment prepare(EnvironmentContext context) {
    EnvironmentOptions options = EnvironmentOptions.of(context, Set.of(PREFIX));
    Path prefix = options.path(PREFIX);
    if (prefix == null) {
      throw new WorkflowException(
          "execution.environment",
          "the workers' environment 'shared' needs the folder that holds it",
          "add execution.environment.prefix, for example {type: shared, prefix: /shared/env}");
    }
    if (prefix.toString().contains(File.pathSeparator)) {
      throw options.wrong(
          PREFIX, "a folder without a colon in its name, which PATH has no way to write");
    }
    boolean seen = context.staging() == Staging.SHARED; // else it may be there on workers only
    if (seen && !Files.isDirectory(prefix)) {
      throw options.wrong(PREFIX, "a folder that is there (there is no " + prefix + ")");
    }
    Path python = prefix.resolve("bin").resolve("python");
    if (seen && !Files.isExecutable(python)) {
      throw options.wrong(
          PREFIX, "the folder of an installed environment (there is no program " + python + ")");
    }
    List<String> setup = new ArrayList<>();
    setup.add("export PATH=" + ShellWords.quote(prefix.resolve("bin").toString()) + ":\"$PATH\"");
    if (!seen) {
      setup.add("muster_prefix=" + ShellWords.quote(prefix.toString())
          + "; if ! [ -x \"$muster_prefix/bin/python\" ]; then"
          + " echo \"muster: there is no $muster_prefix/bin/python on $(hostname)"
          + " (execution.environment.prefix)\" >&2; false; fi");
      setup.add(
          "if [ -d \"$muster_prefix/conda-meta\" ]; then export CONDA_PREFIX=\"$muster_prefix\";"
              + " for muster_script in \"$CONDA_PREFIX\"/etc/conda/activate.d/*.sh; do"
              + " if [ -r \"$muster_script\" ]; then . \"$muster_script\"; fi; done; fi; true");
    } else if (Files.isDirectory(prefix.resolve("conda-meta"))) {
      setup.add("export CONDA_PREFIX=" + ShellWords.quote(prefix.toString()));
      setup.add("for muster_script in \"$CONDA_PREFIX\"/etc/conda/activate.d/*.sh; do"
          + " if [ -r \"$muster_script\" ]; then . \"$muster_script\"; fi; done; true");
    }
    return new PreparedEnvironment(List.of(), setup, python.toString(), Map.of());
  }
}
