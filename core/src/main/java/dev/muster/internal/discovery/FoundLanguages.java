package dev.muster.internal.discovery;

import dev.muster.error.MusterException;
import dev.muster.spi.WorkflowLanguage;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** The languages of workflow files that are installed. Thread-safe. */
public final class FoundLanguages {
  private final Catalog<WorkflowLanguage> catalog = new Catalog<>(
      "workflow language",
      WorkflowLanguage.class,
      language -> List.of(language.name()),
      List.of(),
      List.of(),
      Services.installed());

  /**
   * Returns the language of that name, or null.
   *
   * @throws MusterException if two have the name, or one cannot be loaded
   */
  public @Nullable WorkflowLanguage get(String name) {
    return catalog.get(name);
  }

  /** Returns the names of all. */
  public SortedSet<String> names() {
    return catalog.names();
  }
}
