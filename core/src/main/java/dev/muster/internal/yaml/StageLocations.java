package dev.muster.internal.yaml;

import dev.muster.error.SourceLocation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of one stage stand, in a few bytes for each: a workflow may have half a million stages. Immutable
 * and thread-safe.
 *
 * @see #of
 */
final class StageLocations implements Function<String, @Nullable SourceLocation> {
  private static final int DEEPEST = 3;
  private static final int MOST = 100;
  private static final int COLUMN_BITS = 12;
  private static final int LAST_COLUMN = (1 << COLUMN_BITS) - 1;
  private static final int FARTHEST = 1 << 18;

  private final String file;
  private final int line;
  private final String[] paths; // shared by the stages that have the same keys
  private final int[] places;

  private StageLocations(String file, int line, String[] paths, int[] places) {
    this.file = file;
    this.line = line;
    this.paths = paths;
    this.places = places;
  }

  /** Notes where the values of stages stand. Not thread-safe. */
  static final class Recorder {
    private final String file;
    private final boolean flat;
    private final Map<List<String>, String[]> shapes = new HashMap<>();

    /**
     * Creates a recorder.
     *
     * @param flat whether the stages are written in the flat dialect
     */
    Recorder(String file, boolean flat) {
      this.file = file;
      this.flat = flat;
    }

    StageLocations of(MapNode stage) {
      List<String> paths = new ArrayList<>();
      List<Integer> places = new ArrayList<>();
      add(stage, "", stage.line(), 1, paths, places);
      String[] shape = shapes.computeIfAbsent(paths, key -> key.toArray(String[]::new));
      return new StageLocations(
          file, stage.line(), shape, places.stream().mapToInt(Integer::intValue).toArray());
    }

    private void add(
        MapNode map, String prefix, int line, int depth, List<String> paths, List<Integer> places) {
      for (int i = 0; i < map.size(); i++) {
        MapNode.Entry entry = map.entry(i);
        String path = prefix + (flat ? mainKey(prefix, entry.key()) : entry.key());
        note(path, entry.atLine() - line, entry.atColumn(), paths, places);
        if (entry.value() instanceof MapNode inner && depth < DEEPEST) {
          add(inner, path + ".", line, depth + 1, paths, places);
        } else if ((path.equals("execution.modifiers") || path.equals("params.command"))
            && entry.value() instanceof ListNode list) {
          for (int k = 0; k < list.size(); k++) {
            Node item = list.item(k);
            note(path + "[" + k + "]", item.line() - line, item.column(), paths, places);
          }
        }
      }
    }

    private static void note(
        String path, int line, int column, List<String> paths, List<Integer> places) {
      if (paths.size() < MOST && Math.abs(line) < FARTHEST && column <= LAST_COLUMN) {
        paths.add(path);
        places.add((line << COLUMN_BITS) | column);
      }
    }

    /** Returns what a key of the flat dialect is called in the main one. */
    static String mainKey(String prefix, String key) {
      if (prefix.equals("params.") && key.equals("bash_command")) {
        return "command";
      }
      if (!prefix.isEmpty()) {
        return key;
      }
      return switch (key) {
        case "name" -> "id";
        case "type" -> "op";
        case "kwargs" -> "params";
        case "args" -> "params.args";
        default -> key;
      };
    }
  }

  @Override
  public @Nullable SourceLocation apply(String path) {
    for (int i = 0; i < paths.length; i++) {
      if (paths[i].equals(path)) {
        int place = places[i];
        return new SourceLocation(file, line + (place >> COLUMN_BITS), place & LAST_COLUMN);
      }
    }
    return null;
  }
}
