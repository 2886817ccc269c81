package dev.muster;

import dev.muster.error.Problem;
import dev.muster.error.Suggestions;
import dev.muster.error.WorkflowException;
import dev.muster.internal.discovery.FoundLanguages;
import dev.muster.internal.yaml.WorkflowLoader;
import dev.muster.internal.yaml.WorkflowTree;
import dev.muster.spi.WorkflowLanguage;
import dev.muster.spi.WorkflowLanguage.Recognition;
import dev.muster.spi.WorkflowText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** Finds out in which language a workflow file is written. Thread-safe. */
final class Languages {
  private static final String OWN = "muster";
  private static final String CHOSEN = "chosen by its name";

  private Languages() {}

  private record Choice(WorkflowLanguage language, WorkflowText tree, String decided) {}

  static WorkflowFile load(Path file, LoadOptions options) {
    Choice choice = choose(file, options.language());
    if (choice == null) {
      refuse(file, options);
      return Workflows.file(WorkflowLoader.load(file, SiteFiles.home(), options.params()))
          .on(options.site());
    }
    return load(choice, options).on(options.site());
  }

  /** Does the same on top of the standard site, and throws nothing for what is wrong. */
  static WorkflowDraft draft(Path file, LoadOptions options) {
    SiteFiles.Read site = SiteFiles.readAll(System.getenv(), SiteFiles.home());
    LoadOptions sited = options.toBuilder().site(site.files()).build();
    Choice choice;
    try {
      choice = choose(file, options.language());
      if (choice == null) {
        refuse(file, options);
      }
    } catch (WorkflowException e) {
      return WorkflowDraft.foreign(() -> {
            throw e;
          })
          .on(site);
    }
    WorkflowDraft draft = choice == null
        ? Workflows.draft(file, options)
        : WorkflowDraft.foreign(() -> load(choice, sited));
    return draft.on(site);
  }

  private static WorkflowFile load(Choice choice, LoadOptions options) {
    if (!options.params().isEmpty()) {
      throw new WorkflowException(
          "",
          "the file is written in the language '" + choice.language().name()
              + "', which has no workflow parameters: "
              + String.join(", ", options.params().keySet()),
          "leave --param out");
    }
    WorkflowLanguage.Loaded loaded = choice
        .language()
        .load(
            choice.tree(),
            new WorkflowLanguage.LanguageOptions(
                options.given(), options.site().layers(), options.above()));
    return new WorkflowFile(
        loaded.workflow(),
        loaded.layer(),
        List.of(),
        new WorkflowFile.Language(choice.language().name(), choice.decided()));
  }

  private static @Nullable Choice choose(Path file, @Nullable String name) {
    if (OWN.equals(name)) {
      return null;
    }
    FoundLanguages found = new FoundLanguages();
    if (name != null) {
      WorkflowLanguage language = found.get(name);
      if (language == null) {
        SortedSet<String> known = found.names();
        known.add(OWN);
        throw new WorkflowException(
            "",
            "there is no workflow language '" + name + "'",
            Suggestions.didYouMean(name, known));
      }
      return new Choice(language, WorkflowTree.read(file), CHOSEN);
    }
    return found.names().isEmpty() ? null : recognised(file, found);
  }

  private static @Nullable Choice recognised(Path file, FoundLanguages found) {
    WorkflowTree tree;
    try {
      tree = WorkflowTree.read(file);
    } catch (WorkflowException e) {
      return null; // Muster's own loader says what is wrong, with all else that it finds
    }
    List<Choice> sure = new ArrayList<>();
    List<Problem> unsure = new ArrayList<>();
    for (String name : found.names()) {
      WorkflowLanguage language = found.get(name);
      if (language == null) {
        continue;
      }
      Recognition recognition = language.recognise(tree);
      if (recognition instanceof Recognition.Yes yes) {
        sure.add(new Choice(language, tree, yes.place() + ": " + yes.reason()));
      } else if (recognition instanceof Recognition.Unsure doubt) {
        unsure.add(new Problem(
            doubt.place(),
            "",
            doubt.reason() + ", so this may be a workflow in the language '" + name + "'",
            "say which one it is: --language " + name + ", or --language " + OWN
                + " for Muster's own"));
      }
    }
    if (sure.size() == 1) {
      return sure.get(0);
    }
    for (Choice each : sure) {
      unsure.add(new Problem(
          null,
          "",
          "this is a workflow in the language '" + each.language().name() + "': " + each.decided(),
          "say which one it is: --language NAME"));
    }
    if (!unsure.isEmpty()) {
      throw new WorkflowException(unsure);
    }
    return null;
  }

  private static void refuse(Path file, LoadOptions options) {
    List<Problem> problems = new ArrayList<>();
    for (String option : options.given().keySet()) {
      problems.add(new Problem(
          null,
          "",
          "--" + option + " is an option of other workflow languages, and " + file
              + " is written in Muster's own",
          "leave it out, or say which language it is with --language NAME"));
    }
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
  }

  /**
   * Returns the error to tell of a file that Muster's own loader refuses: that it is written in another language, if
   * it is.
   */
  static WorkflowException explain(Path file, WorkflowException refused) {
    FoundLanguages found = new FoundLanguages();
    if (found.names().isEmpty()) {
      return refused;
    }
    Choice choice;
    try {
      choice = recognised(file, found);
    } catch (WorkflowException e) {
      return refused;
    }
    if (choice == null) {
      return refused;
    }
    String name = choice.language().name();
    WorkflowException other = new WorkflowException(List.of(new Problem(
        null,
        "",
        file + " is a workflow in the language '" + name + "', not in Muster's own ("
            + choice.decided() + ")",
        "load it with Workflows.load, or on the command line with muster run " + file)));
    other.initCause(refused);
    return other;
  }
}
