package dev.muster.internal.yaml;

import dev.muster.workflow.Registry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code registry}: which implementation stands behind a name. */
final class RegistryBinder {
  private static final String HINT = "write NAME: {impl: \"module:callable\"}";

  private RegistryBinder() {}

  static Registry bind(@Nullable Fields registry) {
    if (registry == null) {
      return Registry.empty();
    }
    registry.only(
        List.of("operations", "execution_modifiers"),
        Map.of("modifiers", "did you mean 'execution_modifiers'?"));
    return new Registry(entries(registry, "operations"), entries(registry, "execution_modifiers"));
  }

  private static Map<String, String> entries(Fields registry, String key) {
    Fields entries = registry.map(key, HINT);
    if (entries == null) {
      return Map.of();
    }
    Map<String, String> result = new LinkedHashMap<>();
    for (MapNode.Entry entry : entries.named("an implementation")) {
      String impl = implementation(entries, entry);
      if (impl != null) {
        result.put(entry.key(), impl);
      }
    }
    return result;
  }

  private static @Nullable String implementation(Fields entries, MapNode.Entry entry) {
    Where where = entries.where().key(entry.key());
    if (entry.value() instanceof ScalarNode scalar && !scalar.isNull()) {
      return Fields.text(entries.problems(), scalar, where);
    }
    Fields fields = Fields.of(entries.problems(), where, entry.value(), HINT);
    if (fields == null) {
      return null;
    }
    fields.only(List.of("impl"));
    if (fields.lacks("impl")) {
      entries.problemAt(entry.key(), "the implementation is missing", HINT);
    }
    return fields.text("impl");
  }
}
