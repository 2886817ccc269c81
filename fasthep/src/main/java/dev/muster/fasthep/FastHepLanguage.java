package dev.muster.fasthep;

import dev.muster.spi.WorkflowLanguage;
import dev.muster.spi.WorkflowText;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * FAST-HEP's workflows, and plans that its compiler made. Users call {@link FastHep} or {@code muster run}; this is
 * for {@link
 * java.util.ServiceLoader}. Thread-safe.
 *
 * @since 0.1
 */
public final class FastHepLanguage implements WorkflowLanguage {
  static final String NAME = OwnSettings.NAME;

  /** Made by {@link java.util.ServiceLoader}. */
  public FastHepLanguage() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Recognition recognise(WorkflowText text) {
    return new Recogniser(here(), home()).recognise(text);
  }

  @Override
  public Loaded load(WorkflowText text, LanguageOptions options) {
    PythonPackage python = PythonPackage.load();
    CompileCache cache =
        new CompileCache(CompileCache.standard(), new Compiler(Compiler.LIMIT), python);
    return new Loading(text, options, here(), cache).load();
  }

  private static Path here() {
    return Path.of("").toAbsolutePath();
  }

  private static @Nullable Path home() {
    String home = System.getProperty("user.home");
    return home == null || home.isBlank() || home.equals("?") ? null : Path.of(home);
  }
}
