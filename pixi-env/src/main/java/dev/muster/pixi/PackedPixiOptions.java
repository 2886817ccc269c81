package dev.muster.pixi;

import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.EnvironmentOptions;
import dev.muster.code.ShellWords;
import dev.muster.error.MusterException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The options of {@code packed-pixi}.
 *
 * @param prefix the installed environment, or null for lock mode
 * @param project the folder with {@code pixi.lock}
 * @param manifest what pixi-pack is told: the project's folder or its manifest file
 * @param environment the name of the environment in the project
 * @param archivePath where the archive goes, or null for the cache
 * @param cache the folder for archives
 * @param level of compression
 * @param imports the modules that an environment must have
 * @param workerFolder the folder on the worker as a word of the shell
 * @param keepDays for how many days an environment that nobody uses stays on a worker's machine
 * @param envName the name of the environment's folder that pixi-pack's archive makes
 */
record PackedPixiOptions(
    @Nullable Path prefix,
    Path project,
    Path manifest,
    String environment,
    @Nullable Path archivePath,
    Path cache,
    int level,
    List<String> imports,
    String workerFolder,
    int keepDays,
    String envName) {
  private static final Set<String> KNOWN = Set.of(
      "mode",
      "prefix",
      "manifest",
      "environment",
      "archive_path",
      "worker_env_dir",
      "keep_days",
      "compression_level",
      "imports",
      "cache_dir");
  private static final int LEVEL = 6;
  private static final int KEEP_DAYS = 14;
  private static final int MOST_DAYS = 3650;
  private static final String NOWHERE = "''";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*");
  private static final Pattern VARIABLE = Pattern.compile("\\$([A-Za-z_][A-Za-z0-9_]*)(/.*)?");

  static PackedPixiOptions of(EnvironmentContext context) {
    EnvironmentOptions options = EnvironmentOptions.of(context, KNOWN);
    Path manifest = Objects.requireNonNullElse(options.path("manifest"), context.baseDirectory());
    Path project = Files.isRegularFile(manifest)
        ? Objects.requireNonNull(manifest.getParent(), "an absolute path of a file")
        : manifest;
    String environment = Objects.requireNonNullElse(options.text("environment"), "default");
    if (!NAME.matcher(environment).matches()) {
      throw options.wrong("environment", "the name of an environment of the project");
    }
    List<String> imports = options.texts("imports", List.of("distributed"));
    if (!imports.stream().allMatch(name -> name.matches("[A-Za-z_][A-Za-z0-9_.]*"))) {
      throw options.wrong("imports", "names of Python modules");
    }
    String folder = options.text("worker_env_dir");
    boolean name = folder != null && NAME.matcher(folder).matches();
    Path prefix = prefix(options, project, environment);
    return new PackedPixiOptions(
        prefix,
        project,
        manifest,
        environment,
        options.path("archive_path"),
        Objects.requireNonNullElse(options.path("cache_dir"), context.cache()),
        options.number("compression_level", 1, 9, LEVEL),
        imports,
        folder == null || (prefix == null && name) ? NOWHERE : word(folder, name, options),
        options.number("keep_days", 1, MOST_DAYS, KEEP_DAYS),
        folder != null && prefix == null && name ? folder : "env");
  }

  /** Returns the same with the default folder, in which an archive is tried out. */
  PackedPixiOptions onThisHost() {
    return new PackedPixiOptions(
        prefix,
        project,
        manifest,
        environment,
        archivePath,
        cache,
        level,
        imports,
        NOWHERE,
        keepDays,
        envName);
  }

  private static @Nullable Path prefix(
      EnvironmentOptions options, Path project, String environment) {
    Path given = options.path("prefix");
    Path installed = project.resolve(".pixi").resolve("envs").resolve(environment);
    Path prefix = given != null ? given : installed;
    String mode = options.word("mode", List.of("prefix", "lock"));
    boolean lock =
        mode == null ? given == null && !Files.isDirectory(installed) : mode.equals("lock");
    if (lock) {
      if (given != null) {
        throw options.wrong("prefix", "left out in mode lock, which packs what pixi.lock names");
      }
      if (mode == null
          && !Files.exists(project.resolve("pixi.lock"))
          && options.path("archive_path") == null) {
        throw new MusterException("there is nothing to pack for the workers: neither an installed"
            + " environment in " + installed + " nor a " + project.resolve("pixi.lock")
            + "; run 'pixi install" + (environment.equals("default") ? "" : " -e " + environment)
            + "', or name one with execution.environment.prefix or execution.environment.manifest");
      }
      return null;
    }
    if (!Files.isDirectory(prefix)) {
      throw new MusterException("there is no installed environment in " + prefix
          + (given == null
              ? "; run 'pixi install" + (environment.equals("default") ? "" : " -e " + environment)
                  + "', or name one with execution.environment.prefix"
              : " (execution.environment.prefix)"));
    }
    return prefix;
  }

  private static String word(String folder, boolean name, EnvironmentOptions options) {
    if (folder.contains(":")) {
      throw options.wrong(
          "worker_env_dir", "a folder without a colon in its name, which PATH has no way to write");
    }
    Matcher variable = VARIABLE.matcher(folder);
    if (variable.matches()) {
      String rest = variable.group(2) == null ? "" : ShellWords.quote(variable.group(2));
      return "\"${" + variable.group(1) + ":?is not set on this worker (worker_env_dir)}\"" + rest;
    }
    if (!folder.startsWith("/") && !name) {
      throw options.wrong(
          "worker_env_dir", "an absolute path, a plain name, or a path that begins with $VARIABLE");
    }
    return ShellWords.quote(folder);
  }
}
