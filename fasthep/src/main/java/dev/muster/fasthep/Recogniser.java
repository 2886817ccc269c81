package dev.muster.fasthep;

import dev.muster.spi.WorkflowLanguage.Recognition;
import dev.muster.spi.WorkflowText;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tells FAST-HEP's workflows and plans from Muster's own. Immutable and thread-safe. */
final class Recogniser {
  /** The profiles that come with FAST-HEP's compiler. */
  private static final Set<String> PACKAGED = Set.of("registry", "basic", "hep", "hep_debug");

  private static final Pattern QUALIFIED = Pattern.compile("[A-Za-z_][\\w.]*:[^:/\\\\]+");
  private static final List<String> PLAN =
      List.of("context", "nodes", "partitions", "registry", "execution");
  private static final List<String> DECIDING = List.of("sources", "transforms");
  private static final List<String> SECTIONS = List.of(
      "observers",
      "sinks",
      "hooks",
      "product_handlers",
      "functions",
      "constants",
      "backends",
      "compile_hooks",
      "render",
      "report_templates",
      "resource_kinds",
      "progress_sinks");
  private static final List<String> STAGE_KEYS = List.of("write", "render", "role", "when");
  private static final Recognition NO = new Recognition.No();

  private final Path root;
  private final @Nullable Path home;

  /**
   * @param root the folder from which FAST-HEP takes relative paths
   * @param home the user's home folder, or null
   */
  Recogniser(Path root, @Nullable Path home) {
    this.root = root;
    this.home = home;
  }

  /** Tells whether a file is a compiled plan. */
  static boolean isPlan(WorkflowText text) {
    return text.value() instanceof Map<?, ?> top
        && PLAN.stream().allMatch(top::containsKey)
        && top.get("nodes") instanceof List<?>;
  }

  Recognition recognise(WorkflowText text) {
    if (isPlan(text)) {
      return new Recognition.Yes(
          text.place("nodes"), "it has the sections of a plan that FAST-HEP compiled");
    }
    Recognition unsure = NO;
    if (text.value("use", "profiles") instanceof List<?> names) {
      for (int i = 0; i < names.size(); i++) {
        Recognition found = names.get(i) instanceof String name ? profile(text, name, i) : NO;
        if (found instanceof Recognition.Yes) {
          return found;
        }
        unsure = found instanceof Recognition.No ? unsure : found;
      }
    }
    boolean own = text.value("registry", "operations") != null;
    for (String section : DECIDING) {
      if (text.value("registry", section) instanceof Map<?, ?>) {
        String reason = "registry has '" + section + "', as FAST-HEP's workflows do";
        if (!own) {
          return new Recognition.Yes(text.place("registry", section), reason);
        }
        unsure = new Recognition.Unsure(
            text.place("registry", section), reason + ", and Muster's 'operations'");
      }
    }
    return unsure instanceof Recognition.No ? looks(text) : unsure;
  }

  private Recognition profile(WorkflowText text, String name, int index) {
    String what = "use.profiles names '" + name + "', ";
    if (QUALIFIED.matcher(name).matches()) {
      return new Recognition.Yes(
          text.place("use", "profiles", index), what + "a profile in a Python package");
    }
    Path folder = folder(text.file());
    boolean packaged = PACKAGED.contains(name);
    if (!packaged && !isProject(root, name) && !isProject(folder, name)) {
      return NO;
    }
    what += packaged ? "a profile of FAST-HEP" : "a file in .hepflow/profiles";
    return isSite(folder, name)
        ? new Recognition.Unsure(
            text.place("use", "profiles", index), what + ", which also names a site file of Muster")
        : new Recognition.Yes(text.place("use", "profiles", index), what);
  }

  private static boolean isProject(Path folder, String name) {
    try {
      Path profiles = folder.resolve(".hepflow").resolve("profiles");
      return !name.contains("/") && Files.isRegularFile(profiles.resolve(name + ".yaml"));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private boolean isSite(Path folder, String name) {
    String file = name + ".yaml";
    return Files.isRegularFile(folder.resolve(file))
        || Files.isRegularFile(folder.resolve("profiles").resolve(file))
        || (home != null
            && Files.isRegularFile(
                home.resolve(".config").resolve("muster").resolve("profiles").resolve(file)));
  }

  private static Path folder(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  /** Looks for what Muster's own language does not have and FAST-HEP's does. */
  private static Recognition looks(WorkflowText text) {
    for (String section : SECTIONS) {
      if (text.value("registry", section) != null) {
        return new Recognition.Unsure(
            text.place("registry", section), "registry has '" + section + "'");
      }
    }
    if (!(text.value("analysis", "stages") instanceof List<?> stages)) {
      return NO;
    }
    Set<?> sources = text.value("sources") instanceof Map<?, ?> map ? map.keySet() : Set.of();
    for (int i = 0; i < stages.size(); i++) {
      if (!(stages.get(i) instanceof Map<?, ?> stage)) {
        continue;
      }
      for (String key : STAGE_KEYS) {
        if (stage.containsKey(key)) {
          return new Recognition.Unsure(
              text.place("analysis", "stages", i, key), "a stage has '" + key + "'");
        }
      }
      Object from = stage.get("from");
      if (from instanceof String name && sources.contains(name)) {
        return new Recognition.Unsure(
            text.place("analysis", "stages", i, "from"),
            "a stage reads '" + name + "', which is in the section 'sources'");
      }
    }
    return NO;
  }
}
