package dev.muster.internal.resume;

import dev.muster.code.ContainerSpec;
import dev.muster.code.JavaCode;
import dev.muster.code.PythonCode;
import dev.muster.code.ShellCode;
import dev.muster.code.StageCode;
import dev.muster.code.Surroundings.Hook;
import dev.muster.code.Surroundings.PythonModifier;
import dev.muster.code.Template;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.operation.CommandOperation;
import dev.muster.internal.process.Programs;
import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.workflow.Stage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Makes the prints of a plan's stages from what they run. Not thread-safe. */
final class StagePrints {
  private static final String PYTHON = "python";
  private static final String DEFAULT_PYTHON = "python3";
  private static final List<Path> SYSTEM =
      List.of(Path.of("/usr/bin"), Path.of("/bin"), Path.of("/usr/sbin"), Path.of("/sbin"));
  private static final Pattern PROGRAM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,100}");
  private static final List<String> SOFTWARE = List.of("modules", "job_script_prologue");
  private static final String BREAKS = " \t\r\n'\"`;|&<>()=$,:";

  private final Plan plan;
  private final Providers providers;
  private final FileStates files;
  private final JavaPrints java;
  private final byte[] secret;
  private final Hasher hasher = new Hasher();

  /**
   * @param secret the key of the run, with which the values of variables are hashed
   */
  StagePrints(Plan plan, Providers providers, FileStates files, byte[] secret) {
    this.plan = plan;
    this.providers = providers;
    this.files = files;
    this.java = new JavaPrints(files);
    this.secret = secret;
  }

  /**
   * Makes the prints of all stages.
   *
   * @param codes returns what a stage runs
   */
  List<StagePrint> all(Function<PlannedStage, RecordedCode> codes) {
    List<StagePrint> all = new ArrayList<>();
    for (PlannedStage stage : plan.stages()) {
      all.add(of(stage, codes.apply(stage)));
    }
    return all;
  }

  /**
   * Returns the prints that stages have where variables are hashed with another key.
   *
   * @param own those with the key of this run
   * @param codes returns what a stage runs
   */
  static List<StagePrint> with(
      byte[] key, List<StagePrint> own, Function<PlannedStage, RecordedCode> codes, Plan plan) {
    List<StagePrint> all = new ArrayList<>();
    for (PlannedStage stage : plan.stages()) {
      StagePrint print = own.get(stage.index());
      StageCode code = codes.apply(stage).code();
      if (code == null || code.around().variables().isEmpty()) {
        all.add(print);
        continue;
      }
      Map<String, String> parts = new LinkedHashMap<>(print.parts());
      code.around()
          .variables()
          .forEach((name, value) -> parts.put(variable(name), mac(key, value)));
      all.add(new StagePrint(print.stage(), parts, print.told(), print.never()));
    }
    return all;
  }

  private static String variable(String name) {
    return "variable " + name;
  }

  private StagePrint of(PlannedStage planned, RecordedCode recorded) {
    Stage stage = planned.stage();
    StageCode code = recorded.code();
    if (code == null) {
      return new StagePrint(stage.id(), Map.of(), false, recorded.never());
    }
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("the operation", hasher.add(code.kind().name()).add(stage.op()).text());
    parts.put("the folder of the workflow", hasher.add(base().toString()).text());
    parts.put("what it reads", inputs(planned));
    if (stage.version() != null) { // in place of the code, by its author's word
      parts.put("the version", json(stage.version()));
    }
    stage.params().forEach((name, value) -> parts.put("parameter " + name, json(value)));
    if (!(code instanceof ShellCode)) { // whose text says where each goes
      parts.put("the order of parameters", json(List.copyOf(stage.params().keySet())));
    }
    parts.put("extra data", json(code.around().extraData()));
    code.around()
        .variables()
        .forEach((name, value) -> parts.put(variable(name), mac(secret, value)));
    named(stage.params(), parts);
    boolean versioned = stage.version() != null;
    String never = modifiers(code, versioned, parts);
    String own = code instanceof JavaCode made
        ? java(stage, made, parts)
        : code instanceof ShellCode made
            ? shell(made, versioned, parts)
            : python((PythonCode) code, parts);
    boolean told =
        !versioned && (code instanceof PythonCode || !code.around().modifiers().isEmpty());
    if (told) {
      processes(planned, code, parts);
    }
    if (!planned.route().backend().equals("local")) {
      workers(planned, parts);
    }
    return new StagePrint(stage.id(), parts, told, never == null ? own : never);
  }

  private Path base() {
    return plan.workflow().baseDirectory().toAbsolutePath().normalize();
  }

  private String json(@Nullable Object value) {
    return hasher.json(value).text();
  }

  /** Hashes what was made for a stage; its mappings have no order of their own. */
  private String made(Object value) {
    return hasher.json(sorted(value)).text();
  }

  private static @Nullable Object sorted(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> sorted = new TreeMap<>();
      map.forEach((key, item) -> sorted.put(String.valueOf(key), sorted(item)));
      return sorted;
    }
    return value instanceof List<?> list
        ? list.stream().map(StagePrints::sorted).toList()
        : value;
  }

  private String inputs(PlannedStage planned) {
    hasher.add(planned.incoming().size());
    for (Link link : planned.incoming()) {
      hasher.add(plan.stages().get(link.producer()).id()).add(link.pattern().name());
      hasher.add(link.inputs().size());
      link.inputs()
          .forEach(input -> hasher
              .add(input.name())
              .add(input.node())
              .add(input.port())
              .add(String.valueOf(input.optional())));
    }
    String port = planned.solePort();
    return hasher.add(planned.scope().name()).add(planned.block()).add(port).text();
  }

  private static String mac(byte[] secret, String value) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(value.getBytes(StandardCharsets.UTF_8)), 0, 16);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  private @Nullable String modifiers(StageCode code, boolean versioned, Map<String, String> parts) {
    String never = null;
    List<Object> names = new ArrayList<>();
    for (Hook hook : code.around().hooks()) {
      names.add(hook.name());
      names.add(hook.params());
      boolean own = plan.workflow().modifiers().containsKey(hook.name())
          || providers.givenModifier(hook.name()) != null;
      String certain =
          versioned ? null : javaCode(hook.hooks(), own, "modifier " + hook.name(), parts);
      never = never == null ? certain : never;
    }
    for (PythonModifier each : code.around().modifiers()) {
      names.add(each.name());
      names.add(each.impl());
      names.add(each.params());
    }
    parts.put("modifiers", json(names));
    return never;
  }

  private @Nullable String java(Stage stage, JavaCode code, Map<String, String> parts) {
    boolean own = stage.operation() != null
        || plan.workflow().operations().containsKey(stage.op())
        || providers.givenOperation(stage.op()) != null;
    String certain =
        stage.version() != null ? null : javaCode(code.operation(), own, "the operation", parts);
    return code.operation() instanceof CommandOperation commands
        ? commands(commands, certain, parts)
        : certain;
  }

  private @Nullable String commands(
      CommandOperation operation, @Nullable String certain, Map<String, String> parts) {
    parts.put("how it is run", made(operation.settings()));
    for (Path file : operation.code()) {
      parts.put("the file " + file, files.change(file));
    }
    String uncertain = operation.uncertain();
    return uncertain == null ? certain : uncertain;
  }

  /** Adds what is known of an object; returns why nothing certain is, or null. */
  private @Nullable String javaCode(
      Object object, boolean own, String what, Map<String, String> parts) {
    String file = java.of(object.getClass());
    if (file == null && !builtIn(object)) {
      return what + " comes from no file whose changes could be seen";
    }
    if (own) {
      String state = JavaPrints.object(object);
      if (state == null) {
        return what + " is an object of this JVM; one that is serialisable, or a class by name,"
            + " can be compared";
      }
      parts.put(what.equals("the operation") ? "the operation's object" : what, state);
    }
    parts.put(
        "the code of " + what,
        hasher
            .add(object.getClass().getName())
            .add(own ? "" : String.valueOf(file))
            .text());
    parts.put("the file of the code of " + what, String.valueOf(file));
    parts.put("the class path", java.path());
    return null;
  }

  private static boolean builtIn(Object object) {
    return object.getClass().getModule().getName() != null
        && object.getClass().getModule().getName().startsWith("dev.muster.");
  }

  private @Nullable String shell(ShellCode code, boolean versioned, Map<String, String> parts) {
    parts.put("the command", made(code.command().json()));
    boolean here = code.container() == null && !versioned; // whose programs count
    String path = code.around().variables().get("PATH");
    for (Template template : templates(code)) {
      for (Template.Part part : template.parts()) {
        if (part instanceof Template.Literal literal) {
          words(literal.text(), here, path, parts);
        }
      }
    }
    ContainerSpec container = code.container();
    if (container == null) {
      return null;
    }
    parts.put("the image", hasher.add(container.image()).text());
    parts.put("how the image is run", made(container.json(List.of())));
    if (container.path() != null) {
      parts.put("the file of the image", files.change(base().resolve(container.path())));
      return null;
    }
    return versioned || container.image().contains("@sha256:")
        ? null
        : "its image is named without a digest (@sha256:...), so it may have changed";
  }

  private static List<Template> templates(ShellCode code) {
    List<Template> all = new ArrayList<>(code.command().argv());
    all.addAll(code.command().variables().values());
    if (code.command().script() != null) {
      all.add(code.command().script());
    }
    if (code.command().stdin() != null) {
      all.add(code.command().stdin());
    }
    return all;
  }

  // Files of the user's that a command names, for example its script or its program.
  private void words(String text, boolean here, @Nullable String path, Map<String, String> parts) {
    StringTokenizer words = new StringTokenizer(text, BREAKS, true);
    boolean written = false;
    while (words.hasMoreTokens()) {
      String word = words.nextToken();
      if (word.equals(">")) {
        written = true;
      } else if (word.length() > 1 || BREAKS.indexOf(word.charAt(0)) < 0) {
        if (!written) {
          file(word, parts);
          if (here) {
            program(word, path, parts);
          }
        }
        written = false;
      }
    }
  }

  private void file(String word, Map<String, String> parts) {
    Path file = files.named(word);
    if (file != null) {
      parts.computeIfAbsent(
          "file " + (file.startsWith(base()) ? base().relativize(file) : file),
          absent -> files.code(file));
    }
  }

  // The operating system's own are taken as they are, as its libraries are.
  private void program(String word, @Nullable String path, Map<String, String> parts) {
    if (!PROGRAM.matcher(word).matches() || parts.containsKey("program " + word)) {
      return;
    }
    Path program = Programs.find(word, path, base());
    if (program != null && !SYSTEM.contains(program.toAbsolutePath().normalize().getParent())) {
      parts.put(
          "program " + word,
          hasher.add(program.toString()).add(files.code(program)).text());
    }
  }

  private void named(@Nullable Object value, Map<String, String> parts) {
    if (value instanceof String text) {
      file(text, parts);
    } else if (value instanceof Map<?, ?> map) {
      map.values().forEach(each -> named(each, parts));
    } else if (value instanceof List<?> list) {
      list.forEach(each -> named(each, parts));
    }
  }

  private @Nullable String python(PythonCode code, Map<String, String> parts) {
    parts.put("the function", hasher.add(code.callable()).json(code.args()).text());
    return null;
  }

  // The software that jobs find.
  private void workers(PlannedStage planned, Map<String, String> parts) {
    WorkerEnvironment environment = plan.execution().execution().environment();
    if (environment != null) {
      named(environment.options(), parts);
      parts.put(
          "the environment", json(List.of(environment.type(), sorted(environment.options()))));
    }
    List<@Nullable Object> settings = new ArrayList<>();
    for (String option : SOFTWARE) {
      settings.add(plan.execution().execution().config().get(option));
      planned.route().pools().forEach(pool -> settings.add(pool.config().get(option)));
    }
    parts.put("the settings of jobs", json(settings));
  }

  // What decides which Python runs, and where it looks for modules.
  private void processes(PlannedStage planned, StageCode code, Map<String, String> parts) {
    List<@Nullable Object> settings = new ArrayList<>();
    List<@Nullable Object> pythons = new ArrayList<>();
    pythons.add(plan.execution().execution().config().get(PYTHON));
    planned.route().pools().forEach(pool -> pythons.add(pool.config().get(PYTHON)));
    String path = code.around().variables().get("PATH");
    for (Object each : pythons) {
      String name = each == null ? DEFAULT_PYTHON : String.valueOf(each);
      Path python = Programs.find(name, path, base());
      settings.add(String.valueOf(python));
      settings.add(python == null ? null : files.change(python)); // where a link leads to counts
    }
    for (String each : plan.code()) {
      Path file = base().resolve(each);
      settings.add(Files.isDirectory(file) ? each : List.of(each, files.code(file)));
    }
    for (String name : List.of("PYTHONPATH", "PYTHONHOME", "PYTHONHASHSEED")) {
      settings.add(System.getenv(name));
    }
    parts.put("the settings of Python", json(settings));
  }
}
