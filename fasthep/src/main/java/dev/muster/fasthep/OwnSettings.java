package dev.muster.fasthep;

import dev.muster.error.Suggestions;
import dev.muster.execution.Layer;
import dev.muster.resource.Walltime;
import dev.muster.workflow.Retry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Muster alone knows of a FAST-HEP workflow, below {@code execution.config.fasthep}.
 *
 * @param compatible whether everything is as FAST-HEP does it, where that is wrong too
 * @param retry how failed tasks are tried again
 */
record OwnSettings(boolean compatible, Retry retry) {
  static final String NAME = "fasthep";

  private static final String COMPATIBLE = "compatible";
  private static final String RETRY = "retry";
  private static final String PATH = "execution.config." + NAME;

  /**
   * Reads the settings; they may be nested or dotted.
   *
   * @param below what the site says
   * @param config the file's
   * @param above what overrides it
   */
  static OwnSettings read(List<Layer> below, Map<?, ?> config, List<Layer> above, Notes notes) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    below.forEach(layer -> collect(layer.execution().config(), all, notes));
    collect(config, all, notes);
    above.forEach(layer -> collect(layer.execution().config(), all, notes));
    Object compatible = all.remove(COMPATIBLE);
    Object retry = all.remove(RETRY);
    for (String key : all.keySet()) {
      notes.refuse(
          PATH + "." + key,
          "unknown key '" + key + "'",
          Suggestions.didYouMean(key, List.of(COMPATIBLE, RETRY)));
    }
    return new OwnSettings(flag(compatible, notes), retry(retry, notes));
  }

  private static void collect(Map<?, ?> config, Map<String, @Nullable Object> all, Notes notes) {
    config.forEach((key, value) -> {
      String name = String.valueOf(key);
      if (name.startsWith(NAME + ".")) {
        all.put(name.substring(NAME.length() + 1), value);
      } else if (name.equals(NAME) && value instanceof Map<?, ?> map) {
        map.forEach((inside, each) -> all.put(String.valueOf(inside), each));
      } else if (name.equals(NAME) && value != null) {
        notes.refuse(PATH, "it is no mapping", "write {compatible: true}");
      }
    });
  }

  private static boolean flag(@Nullable Object value, Notes notes) {
    if (value == null || value instanceof Boolean) {
      return Boolean.TRUE.equals(value);
    }
    notes.refuse(PATH + "." + COMPATIBLE, "expected true or false, got " + value, null);
    return false;
  }

  private static Retry retry(@Nullable Object value, Notes notes) {
    if (value == null) {
      return Retry.never();
    }
    String path = PATH + "." + RETRY;
    try {
      if (value instanceof Integer max) {
        return Retry.times(max);
      }
      if (value instanceof Map<?, ?> map) {
        for (Object key : map.keySet()) {
          if (!List.of("max", "backoff", "escalate").contains(String.valueOf(key))) {
            throw new IllegalArgumentException("unknown key '" + key + "'");
          }
        }
        Object backoff = map.get("backoff");
        Object escalate = map.get("escalate");
        Object max = map.get("max");
        if (max != null && !(max instanceof Integer)) {
          throw new IllegalArgumentException("max is no whole number: " + max);
        }
        return new Retry(
            max == null ? 1 : (Integer) max,
            backoff == null ? Duration.ZERO : Walltime.parse(String.valueOf(backoff)),
            escalate == null ? null : String.valueOf(escalate));
      }
      throw new IllegalArgumentException("expected a number or a mapping, got " + value);
    } catch (IllegalArgumentException e) {
      notes.refuse(
          path,
          String.valueOf(e.getMessage()),
          "write for example {max: 2, backoff: 10s, escalate: high_memory}");
      return Retry.never();
    }
  }
}
