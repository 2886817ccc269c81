package dev.muster.internal.yaml;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.Suggestions;
import dev.muster.error.Unread;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.workflow.Registry;
import dev.muster.workflow.StageEnvironment;
import dev.muster.workflow.Workflow;
import dev.muster.workflow.WorkflowParams;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads workflow files. Thread-safe. */
public final class WorkflowLoader {
  private static final List<String> KEYS = List.of(
      "version", "name", "params", "registry", "data", "analysis", "stages", "global", "execution");
  private static final List<String> OFTEN_MISSPELT =
      List.of("registry", "analysis", "execution", "global");
  private static final String OWN = "x-";
  private static final String START = "start with analysis: {stages: [{id: NAME, op: OPERATION}]}";

  private final Problems problems;
  private final Path baseDirectory;
  private final @Nullable Path home;
  private final Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
  private final Map<String, SourceLocation> locations = new HashMap<>();

  private WorkflowLoader(Problems problems, Path baseDirectory, @Nullable Path home) {
    this.problems = problems;
    this.baseDirectory = baseDirectory;
    this.home = home;
  }

  /**
   * What a workflow file holds.
   *
   * @param workflow what to do
   * @param layer where
   * @param profiles the site files that it asks for
   * @param problems what is wrong with it; if there is anything, the rest is what could be read
   * @param unread what could not be read
   */
  public record Loaded(
      Workflow workflow,
      Layer layer,
      List<Layer> profiles,
      List<Problem> problems,
      Unread unread) {}

  /**
   * Reads a file.
   *
   * @param home the user's home folder, where named profiles are looked for, or null
   * @throws WorkflowException if nothing can be read, or too much is wrong; lists all problems
   */
  public static Loaded load(Path file, @Nullable Path home) {
    return load(file, home, Map.of());
  }

  /**
   * Reads a file.
   *
   * @param home the user's home folder, where named profiles are looked for, or null
   * @param given values of parameters that go before the file's, by name
   * @throws WorkflowException if nothing can be read, or too much is wrong; lists all problems
   */
  public static Loaded load(Path file, @Nullable Path home, Map<String, GivenParam> given) {
    Path directory = file.getParent();
    return load(SourceText.of(file), directory == null ? Path.of("") : directory, home, given);
  }

  /** Reads text; see {@link #load(Path, Path)}. */
  public static Loaded load(String name, String text, Path baseDirectory, @Nullable Path home) {
    return load(SourceText.of(name, text), baseDirectory, home);
  }

  /** Reads characters to their end; see {@link #load(Path, Path)}. */
  public static Loaded load(String name, Reader text, Path baseDirectory, @Nullable Path home) {
    try {
      return load(SourceText.of(name, text), baseDirectory, home);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  /** Reads a stream of UTF-8 to its end; see {@link #load(Path, Path)}. */
  public static Loaded load(
      String name, InputStream text, Path baseDirectory, @Nullable Path home) {
    try {
      return load(SourceText.of(name, text), baseDirectory, home);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  private static WorkflowException unreadable(String name, IOException e) {
    WorkflowException broken =
        new WorkflowException("the file " + name + " cannot be read: " + e.getMessage());
    broken.initCause(e);
    return broken;
  }

  private static Loaded load(SourceText source, Path baseDirectory, @Nullable Path home) {
    return load(source, baseDirectory, home, Map.of());
  }

  private static Loaded load(
      SourceText source, Path baseDirectory, @Nullable Path home, Map<String, GivenParam> given) {
    Problems problems = new Problems(source.file());
    Node root = TreeReader.read(source, problems);
    if (root == null || root.isNull()) {
      throw problems.fatal(1, 1, Where.ROOT, "the file is empty, or holds only comments", START);
    }
    ParamNodes.Placed placed = ParamNodes.place(root, given, problems);
    Fields top = Fields.of(problems, Where.ROOT, placed.root(), START);
    if (top == null) {
      problems.throwIfAny();
      throw new AssertionError("a problem was noted");
    }
    return new WorkflowLoader(problems, baseDirectory, home).bind(top, placed.params());
  }

  private static void version(Fields top, Workflow.Builder workflow) {
    String version = top.text("version");
    if (version == null) {
      return;
    }
    try {
      workflow.version(version);
    } catch (IllegalArgumentException e) {
      top.problemAt(
          "version", String.valueOf(e.getMessage()), "write version: 1.0, or leave it out");
    }
  }

  private Loaded bind(Fields top, WorkflowParams params) {
    metadata(top);
    Workflow.Builder workflow = Workflow.builder().name(name(top)).baseDirectory(baseDirectory);
    params.values().forEach(workflow::param);
    version(top, workflow);
    locations.put("", problems.location(top.map().line(), top.map().column()));
    DataBinder.bind(
        top.map("data", "write datasets: [...]"),
        workflow,
        new DataFiles(baseDirectory, home),
        locations);
    stages(top, workflow);
    Registry registry =
        RegistryBinder.bind(top.map("registry", "write operations: {NAME: {impl: ...}}"));
    Fields own = top.map("execution", ExecutionBinder.HINT);
    MapNode.Entry written = top.map().find("execution");
    if (written != null) {
      locations.put("execution", problems.location(written.line(), written.column()));
    }
    Execution execution = ExecutionBinder.bindClosed(own);
    ProfileFiles.Found profiles =
        new ProfileFiles(baseDirectory, home, problems).read(profileFiles(top, own));
    if (problems.isFull()) {
      problems.throwIfAny();
    }
    problems.warnings().forEach(workflow::warning);
    metadata.forEach(workflow::metadata);
    workflow.registry(registry.over(profiles.registry())).locations(locations);
    return new Loaded(
        workflow.build(),
        new Layer("workflow " + problems.file(), execution, ExecutionBinder.locations(own)),
        profiles.layers(),
        problems.all(),
        unread());
  }

  private Unread unread() {
    List<String> paths = problems.unread();
    boolean names = paths.stream()
        .anyMatch(path -> path.startsWith("use") || path.startsWith("execution.profiles["));
    Unread unread = Unread.of(paths);
    return names ? unread.and(SiteLoader.NOTHING_READ) : unread;
  }

  private String name(Fields top) {
    String name = top.text("name");
    if (name != null) {
      return name;
    }
    String file = problems.file();
    String last = file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
    int dot = last.lastIndexOf('.');
    String bare = dot > 0 ? last.substring(0, dot) : last;
    return bare.isBlank() || bare.startsWith("<") ? "workflow" : bare;
  }

  private void metadata(Fields top) {
    MapNode map = top.map();
    for (int i = 0; i < map.size(); i++) {
      MapNode.Entry entry = map.entry(i);
      if (KEYS.contains(entry.key())) {
        continue;
      }
      metadata.put(entry.key(), entry.value().toJava());
      if (!entry.key().equals("use")) {
        String nearest = entry.key().length() < 4 || i > 100
            ? null
            : Suggestions.nearest(entry.key(), OFTEN_MISSPELT);
        boolean misspelt = nearest != null && !top.has(nearest);
        ignored(Where.ROOT, entry, misspelt ? "did you mean '" + nearest + "'?" : null);
      } else if (entry.value() instanceof MapNode use) {
        for (int k = 0; k < use.size(); k++) {
          if (!use.entry(k).key().equals("profiles")) {
            ignored(Where.ROOT.key("use"), use.entry(k), null);
          }
        }
      }
    }
  }

  /** Warns of a key that is kept and changes nothing, unless its name says that it is meant so. */
  private void ignored(Where where, MapNode.Entry entry, @Nullable String suggestion) {
    if (!entry.key().startsWith(OWN)) {
      problems.warn(
          entry.line(),
          entry.column(),
          where.key(entry.key()).toString(),
          Quoted.of(entry.key()) + " is not known here: it is kept, and changes nothing",
          suggestion != null
              ? suggestion
              : "remove it, or call it " + Quoted.plain(OWN + entry.key())
                  + " to keep it without this warning");
    }
  }

  private void stages(Fields top, Workflow.Builder workflow) {
    Fields global = top.map("global", "write for example {executor: LocalExecutor}");
    StageEnvironment below = EnvironmentBinder.global(global);
    if (global != null && global.has("output_dir")) {
      Node directory = global.node("output_dir");
      MapNode.Entry entry = global.map().find("output_dir");
      if (entry != null) {
        problems.warn(
            entry.line(),
            entry.column(),
            "global.output_dir",
            "the folder of a run is not chosen here: this changes nothing",
            "give it to the run, as in muster run FILE -d FOLDER");
      }
      metadata.put(
          "global",
          Collections.singletonMap("output_dir", directory == null ? null : directory.toJava()));
    }
    Fields analysis = top.map("analysis", START);
    Node main = analysis == null ? null : analysis.node("stages");
    Node flat = top.node("stages");
    if (main != null && flat != null) {
      top.problemAt(
          "stages",
          "stages are there twice: here and in 'analysis'",
          "put all of them into analysis.stages");
    }
    if (analysis != null) {
      Map<String, @Nullable Object> other = new LinkedHashMap<>();
      MapNode map = analysis.map();
      for (int i = 0; i < map.size(); i++) {
        MapNode.Entry entry = map.entry(i);
        if (!entry.key().equals("stages")) {
          other.put(entry.key(), entry.value().toJava());
          ignored(Where.ROOT.key("analysis"), entry, null);
        }
      }
      if (!other.isEmpty()) {
        metadata.put("analysis", other);
      }
    }
    if (main == null && flat == null) {
      missing(top, analysis);
    }
    Node written = main != null ? main : flat;
    if (written != null) {
      locations.put("stages", problems.location(written.line(), written.column()));
    }
    if (main != null) {
      new StageBinder(problems, false, below)
          .bind(main, Where.ROOT.key("analysis").key("stages"))
          .forEach(workflow::stage);
    } else if (flat != null) {
      new StageBinder(problems, true, below)
          .bind(flat, Where.ROOT.key("stages"))
          .forEach(workflow::stage);
    }
  }

  private void missing(Fields top, @Nullable Fields analysis) {
    if (analysis == null && top.has("analysis")) {
      return;
    }
    Fields within = analysis == null ? top : analysis;
    List<String> wanted = analysis == null ? List.of("analysis", "stages") : List.of("stages");
    MapNode map = within.map();
    for (int i = 0; i < map.size() && i < 100; i++) {
      String nearest = Suggestions.nearest(map.entry(i).key(), wanted);
      if (nearest != null) {
        within.problemAt(
            map.entry(i).key(), "there are no stages", "did you mean '" + nearest + "'?");
        return;
      }
    }
    if (analysis == null) {
      top.problem("there are no stages", "add analysis: {stages: [{id: NAME, op: OPERATION}]}");
    } else {
      top.problemAt("analysis", "there are no stages", "add stages: [{id: NAME, op: OPERATION}]");
    }
  }

  private List<ProfileFiles.Named> profileFiles(Fields top, @Nullable Fields execution) {
    List<ProfileFiles.Named> named = new ArrayList<>();
    if (top.node("use") instanceof MapNode) {
      Fields use = top.map("use", "write {profiles: [NAME]}");
      if (use != null) {
        use.list("profiles", (item, at) -> {
          String name = Fields.text(problems, item, at);
          return name != null && named.add(new ProfileFiles.Named(name, item, at)) ? name : null;
        });
      }
    }
    List<ProfileFiles.Named> listed = ExecutionBinder.profileFiles(execution);
    if (!listed.isEmpty()) {
      named.addAll(listed);
      keep(named);
    }
    return named;
  }

  /** Keeps the names under {@code use.profiles}, where a workflow carries them. */
  private void keep(List<ProfileFiles.Named> named) {
    Map<String, @Nullable Object> use = new LinkedHashMap<>();
    if (metadata.get("use") instanceof Map<?, ?> given) {
      given.forEach((key, value) -> use.put(String.valueOf(key), value));
    }
    use.put("profiles", named.stream().map(ProfileFiles.Named::name).distinct().toList());
    metadata.put("use", use);
  }
}
