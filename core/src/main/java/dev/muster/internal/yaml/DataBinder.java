package dev.muster.internal.yaml;

import dev.muster.error.SourceLocation;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partitioning;
import dev.muster.workflow.Workflow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads {@code data}: datasets, and how they are cut into partitions. */
final class DataBinder {
  private static final String HINT = "write a list of {name: ttbar, files: [a.csv, b.csv]}";
  private static final String PARTITION_HINT = "write {by: file}, {files: 10} or {events: 50000}";

  private static final int UNKNOWN = -1;

  private final Map<String, MapNode> byName = new HashMap<>();

  private final DataFiles dataFiles;
  private final Map<String, SourceLocation> locations;

  private DataBinder(DataFiles dataFiles, Map<String, SourceLocation> locations) {
    this.dataFiles = dataFiles;
    this.locations = locations;
  }

  /**
   * Reads the data.
   *
   * @param locations receives where its values stand
   */
  static void bind(
      @Nullable Fields data,
      Workflow.Builder workflow,
      DataFiles dataFiles,
      Map<String, SourceLocation> locations) {
    if (data == null) {
      return;
    }
    data.only(List.of("datasets", "partition"));
    note(data, "data", locations);
    DataBinder binder = new DataBinder(dataFiles, locations);
    List<Dataset> datasets =
        data.list("datasets", (item, at) -> binder.dataset(data.problems(), item, at));
    if (datasets != null) {
      datasets.forEach(workflow::dataset);
    }
    Partitioning partitioning = partitioning(data.map("partition", PARTITION_HINT));
    if (partitioning != null) {
      workflow.partitioning(partitioning);
    }
  }

  private static void note(Fields fields, String path, Map<String, SourceLocation> locations) {
    MapNode map = fields.map();
    locations.put(path, fields.problems().location(map.line(), map.column()));
    for (int i = 0; i < map.size(); i++) {
      MapNode.Entry entry = map.entry(i);
      locations.put(
          path + "." + entry.key(), fields.problems().location(entry.line(), entry.column()));
    }
  }

  private @Nullable Dataset dataset(Problems problems, Node item, Where at) {
    Fields fields = Fields.of(problems, at, item, HINT);
    if (fields == null) {
      return null;
    }
    String name = fields.text("name");
    if (!fields.has("name")) {
      fields.problem("a dataset needs a name", HINT);
    }
    int before = problems.unread().size();
    List<String> files = dataFiles.of(fields);
    if (!fields.has("files")) {
      fields.problem("a dataset needs files", "write files: [a.csv, b.csv]");
    }
    boolean sure = problems.unread().size() == before;
    List<Long> events = events(fields, sure && files != null ? files.size() : UNKNOWN);
    if (name == null || files == null || events == null) {
      return null;
    }
    MapNode first = byName.putIfAbsent(name, fields.map());
    if (first != null) {
      fields.problemAt(
          "name",
          "two datasets are named " + Quoted.of(name),
          "the first is at line " + first.line() + ", column " + first.column());
      return null;
    }
    locations.put(
        "dataset " + name, problems.location(fields.map().line(), fields.map().column()));
    for (String key : List.of("files", "nevents")) {
      MapNode.Entry entry = fields.map().find(key);
      if (entry != null) {
        locations.put(
            "dataset " + name + "." + key, problems.location(entry.line(), entry.column()));
      }
    }
    Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
    MapNode map = fields.map();
    for (int i = 0; i < map.size(); i++) {
      MapNode.Entry entry = map.entry(i);
      if (!List.of("name", "files", "nevents").contains(entry.key())) {
        attributes.put(entry.key(), entry.value().toJava());
      }
    }
    return new Dataset(name, files, events, attributes);
  }

  private static @Nullable List<Long> events(Fields fields, int files) {
    Node given = fields.node("nevents");
    if (given != null && given.isNull()) {
      return List.of(); // not known, as elsewhere in the field
    }
    int before = fields.problems().unread().size();
    List<Long> events = new ArrayList<>(Objects.requireNonNullElse(
        fields.<Long>list(
            "nevents",
            (item, at) ->
                Fields.wholeNumber(fields.problems(), number(item), at, 0, Long.MAX_VALUE)),
        List.of()));
    if (fields.problems().unread().size() > before || files == UNKNOWN) {
      return null;
    }
    if (!events.isEmpty() && events.size() != files) {
      fields.problemAt(
          "nevents",
          files + (files == 1 ? " file but " : " files but ") + events.size()
              + (events.size() == 1 ? " number" : " numbers") + " of events",
          "write one number for each file: nevents: [1000, 2000]");
      return null;
    }
    return events;
  }

  /** A number in quotes is a number here: plans of other tools write them so. */
  private static Node number(Node item) {
    return item instanceof ScalarNode scalar
            && scalar.kind() == ScalarNode.Kind.TEXT
            && Scalars.resolve(scalar.text()) == ScalarNode.Kind.INTEGER
        ? new ScalarNode(item.line(), item.column(), scalar.text(), ScalarNode.Kind.INTEGER)
        : item;
  }

  private static @Nullable Partitioning partitioning(@Nullable Fields partition) {
    if (partition == null) {
      return null;
    }
    List<String> keys = List.of("by", "files", "events");
    partition.only(keys);
    if (keys.stream().filter(partition::has).count() > 1) {
      partition.problem("'by', 'files' and 'events' exclude each other", PARTITION_HINT);
      return null;
    }
    if (partition.has("by")) {
      String by = partition.text("by");
      if (by != null && !by.equals("file")) {
        partition.problemAt("by", "cannot cut by " + Quoted.of(by), PARTITION_HINT);
      }
      return Partitioning.byFile();
    }
    Integer files = partition.integer("files", 1, Integer.MAX_VALUE);
    if (files != null) {
      return new Partitioning.Files(files);
    }
    Node events = partition.node("events");
    Long count = events == null
        ? null
        : Fields.wholeNumber(
            partition.problems(), events, partition.where().key("events"), 1, Long.MAX_VALUE);
    return count == null ? null : new Partitioning.Events(count);
  }
}
