package dev.muster.pixi;

import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.EnvironmentProvider;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.code.ShellWords;
import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers' environment {@code packed-pixi}: an environment is packed into an archive once, and extracted once on
 * each machine that has workers.
 *
 * <p>In <i>prefix mode</i> an installed Pixi or Conda environment is packed: {@code prefix}, or
 * {@code .pixi/envs/<environment>} of the project. In <i>lock mode</i> pixi-pack makes the archive from
 * {@code pixi.lock}. Options: {@code mode} ({@code prefix} where there is an installed environment, else {@code lock}),
 * {@code prefix}, {@code manifest} (the project, default the workflow's folder), {@code environment} (default
 * {@code default}), {@code archive_path} (default in the cache), {@code cache_dir}, {@code worker_env_dir} (default the
 * machine's temporary folder), {@code keep_days} (after which a worker's machine removes an environment that is not
 * used, default 14), {@code compression_level} (1 to 9, default 6) and {@code imports} (modules that must be there,
 * default {@code distributed}). Source: "Packed Pixi Environments" of FAST-HEP's worker environments. Thread-safe.
 *
 * @since 0.1
 */
public final class PackedPixiEnvironment implements EnvironmentProvider {
  private static final Logger log = LoggerFactory.getLogger(PackedPixiEnvironment.class);
  private static final String NOT_YET = "made-at-the-start";
  // As long as a process of the job lives, nobody removes the environment.
  private static final String HOLD =
      "if command -v flock >/dev/null && exec {muster_used}<\"$MUSTER_PREFIX/.muster/used\"; then flock -s \"$muster_used\"; fi; ";
  private static final String VARIABLES =
      "while IFS= read -r -d '' muster_name && IFS= read -r -d '' muster_value; do"
          + " export \"$muster_name=$muster_value\"; done <\"$MUSTER_PREFIX/.muster/variables\"";
  private static final String SCRIPTS =
      "for muster_script in \"$CONDA_PREFIX\"/etc/conda/activate.d/*.sh; do"
          + " if [ -r \"$muster_script\" ]; then . \"$muster_script\"; fi; done";

  private final @Nullable String searchPath;

  /** Creates the provider; {@link java.util.ServiceLoader} does so too. */
  public PackedPixiEnvironment() {
    this(System.getenv("PATH"));
  }

  /**
   * @param searchPath where pixi-pack and pixi are looked for
   */
  PackedPixiEnvironment(@Nullable String searchPath) {
    this.searchPath = searchPath;
  }

  @Override
  public String type() {
    return "packed-pixi";
  }

  @Override
  public void check(EnvironmentContext context) {
    PackedPixiOptions unused = PackedPixiOptions.of(context);
  }

  @Override
  public PreparedEnvironment prepare(EnvironmentContext context) {
    PackedPixiOptions options = PackedPixiOptions.of(context);
    try {
      Store store = store(options);
      Packed packed = options.prefix() != null
          ? prefix(store, options, options.prefix(), context)
          : lock(store, options, context);
      String activation = Activation.notice(options.manifest());
      if (activation != null) {
        context.notice(activation);
      }
      PreparedEnvironment prepared = describe(store, options, packed);
      Check.run(store, options, packed, describe(store, options.onThisHost(), packed), context);
      return prepared;
    } catch (IOException e) {
      throw failed(options, e);
    }
  }

  @Override
  public PreparedEnvironment preview(EnvironmentContext context) {
    PackedPixiOptions options = PackedPixiOptions.of(context);
    try {
      Store store = store(options);
      Path prefix = options.prefix();
      String fingerprint = prefix == null
          ? PixiPack.fingerprint(options)
          : new Packer(prefix, Tree.list(prefix, "", path -> false)).fingerprint();
      Packed packed = store.find(key(options), fingerprint);
      if (packed == null) {
        String suffix = prefix == null ? ".sh" : ".tar.gz";
        packed = new Packed(
            prefix == null ? Packed.EXECUTABLE : Packed.PREFIX,
            store.folder().resolve(store.file(NOT_YET, suffix)),
            NOT_YET,
            0,
            NOT_YET);
      }
      return describe(options, packed, packed.archive().resolveSibling("unpack.sh"));
    } catch (IOException e) {
      throw failed(options, e);
    }
  }

  private static MusterException failed(PackedPixiOptions options, IOException e) {
    return new MusterException(
        "the workers' environment "
            + Objects.requireNonNullElse(options.prefix(), options.manifest())
            + " cannot be packed: " + IoErrors.describe(e),
        e);
  }

  private static Store store(PackedPixiOptions options) {
    Path path = options.archivePath();
    return path == null
        ? new Store(options.cache(), null)
        : new Store(
            Objects.requireNonNull(path.getParent(), "an absolute path"),
            path.getFileName().toString());
  }

  private static String key(PackedPixiOptions options) {
    return options.prefix() != null
        ? "prefix " + options.prefix() + " " + options.level()
        : "lock " + options.manifest() + " " + options.environment();
  }

  private static Packed prefix(
      Store store, PackedPixiOptions options, Path prefix, EnvironmentContext context)
      throws IOException {
    List<Entry> entries = Tree.list(prefix, "", path -> false);
    Packer packer = new Packer(prefix, entries);
    String fingerprint = packer.fingerprint();
    Packed found = store.find(key(options), fingerprint);
    if (found != null) {
      log.debug("environment {} has not changed since it was packed", prefix);
      return found;
    }
    long bytes = entries.stream().mapToLong(Entry::size).sum();
    context.notice("packing the workers' environment " + prefix + " (" + entries.size() + " files, "
        + (bytes >> 20) + " MiB); this is done once");
    Path made = store.temporary(".tar.gz");
    try {
      Packer.Result result = packer.pack(made, options.level());
      String name = "env-" + result.content().substring(0, 16);
      return store.add(
          key(options), fingerprint, Packed.PREFIX, name, ".tar.gz", made, result.manifest());
    } finally {
      Files.deleteIfExists(made);
    }
  }

  private Packed lock(Store store, PackedPixiOptions options, EnvironmentContext context)
      throws IOException {
    List<String> tool = PixiPack.find(searchPath);
    Path given = options.archivePath();
    if (tool == null && given != null && Files.isRegularFile(given)) {
      context.notice("there is no pixi-pack on the PATH; the workers' environment is taken from "
          + given + " as it is");
      String sum = PixiPack.sha256(given);
      return new Packed(
          Packed.EXECUTABLE, given, sum, Files.size(given), "pixi-" + sum.substring(0, 16));
    }
    String fingerprint = PixiPack.fingerprint(options);
    Packed found = store.find(key(options), fingerprint);
    if (found != null) {
      return found;
    }
    if (tool == null) {
      throw new MusterException("the workers' environment is to be packed from "
          + options.project().resolve("pixi.lock")
          + ", and there is neither pixi-pack nor pixi on the PATH; install one ('pixi global install"
          + " pixi-pack'), or install the environment ('pixi install') and use mode: prefix");
    }
    context.notice("packing the workers' environment '" + options.environment() + "' of "
        + options.manifest() + " with " + String.join(" ", tool));
    Path made = store.temporary(".sh");
    try {
      Command.run(
          "packing the workers' environment",
          PixiPack.arguments(tool, options, made),
          Map.of(),
          options.project(),
          context.directory().resolve("pixi-pack.log"));
      Map<String, Object> manifest = PixiPack.manifest(options, made);
      String name = "pixi-" + String.valueOf(manifest.get("sha256")).substring(0, 16);
      return store.add(key(options), fingerprint, Packed.EXECUTABLE, name, ".sh", made, manifest);
    } finally {
      Files.deleteIfExists(made);
    }
  }

  private static PreparedEnvironment describe(Store store, PackedPixiOptions options, Packed packed)
      throws IOException {
    return describe(options, packed, store.script("unpack", WorkerScripts.unpack()));
  }

  private static PreparedEnvironment describe(
      PackedPixiOptions options, Packed packed, Path script) {
    boolean own = packed.kind().equals(Packed.PREFIX);
    String unpack = "bash " + inFiles(script) + " " + packed.kind() + " "
        + inFiles(packed.archive()) + " " + packed.sha256() + " " + packed.bytes() + " "
        + packed.name() + " " + options.workerFolder() + " " + options.keepDays()
        + (own ? "" : " " + ShellWords.quote(options.envName()));
    String start = own
        ? "export MUSTER_PREFIX"
        : ". \"$MUSTER_PREFIX/activate.sh\" && MUSTER_PREFIX=$MUSTER_PREFIX/"
            + ShellWords.quote(options.envName()) + " && export MUSTER_PREFIX";
    String activate =
        "case $MUSTER_PREFIX in *:*) echo \"muster: the environment is in $MUSTER_PREFIX, and PATH has no way"
            + " to write a colon (execution.environment.worker_env_dir names another place)\" >&2; false ;; *)"
            + " unset PYTHONHOME; export CONDA_PREFIX=\"$MUSTER_PREFIX\" PATH=\"$MUSTER_PREFIX/bin:$PATH\" ;; esac";
    List<String> setup =
        new ArrayList<>(List.of("MUSTER_PREFIX=$(" + unpack + ")", HOLD + start + "; " + activate));
    if (own) {
      setup.add(VARIABLES + "; " + SCRIPTS + "; true");
    }
    return new PreparedEnvironment(
        List.of(script, packed.archive()),
        Map.of(packed.archive(), WorkerScripts.extracted(packed.name(), options.workerFolder())),
        setup,
        "python",
        Map.of("PYTHONNOUSERSITE", "1"));
  }

  private static String inFiles(@Nullable Path file) {
    return "\"$MUSTER_FILES\"/"
        + ShellWords.quote(String.valueOf(Objects.requireNonNull(file).getFileName()));
  }
}
