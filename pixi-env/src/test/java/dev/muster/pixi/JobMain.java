package dev.muster.pixi;

import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.PreparedEnvironment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes the scripts of two jobs that run a command, {@code with.sh} with a packed environment and {@code without.sh}:
 * {@code JobMain FOLDER PREFIX COMMAND...}; the first word of the command is an interpreter, for which the environment
 * has its own. scripts/environment-compare.py measures them.
 */
final class JobMain {
  private JobMain() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]).toAbsolutePath();
    List<String> command = Arrays.asList(args).subList(2, args.length);
    Site site = new Site(folder)
        .with(Map.of("prefix", args[1], "cache_dir", folder.resolve("cache").toString()));
    PreparedEnvironment prepared = new PackedPixiEnvironment().prepare(site);
    JobSpec without = JobSpec.builder("without", command, folder).build();
    JobSpec.Builder with = JobSpec.builder("with", inside(prepared, command), folder)
        .files(prepared.files())
        .setup(prepared.setup());
    prepared.variables().forEach(with::variable);
    write(folder, without);
    write(folder, with.build());
  }

  private static List<String> inside(PreparedEnvironment prepared, List<String> command) {
    String[] words = command.toArray(new String[0]);
    words[0] = String.valueOf(prepared.python());
    return List.of(words);
  }

  private static void write(Path folder, JobSpec spec) throws Exception {
    Files.writeString(
        folder.resolve(spec.name() + ".sh"),
        JobScript.of(spec, spec.name(), folder).text());
  }
}
