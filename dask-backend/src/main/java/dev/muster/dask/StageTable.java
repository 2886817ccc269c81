package dev.muster.dask;

import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Staging;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.BackendContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The stages and routes of one session, in the bridge's terms. Immutable and thread-safe. */
final class StageTable {
  private final Topology topology;
  private final RouteTable routes;
  private final Fusion fusion;
  private final Readers readers;
  private final Copies copies;
  private final List<Map<String, @Nullable Object>> stages = new ArrayList<>();

  /**
   * Makes the table.
   *
   * @throws WorkflowException if a stage cannot run on Dask; lists all problems
   */
  StageTable(BackendContext context) {
    topology = new Topology(context);
    routes = new RouteTable(context.plan(), context.stages());
    fusion = new Fusion(context, topology, routes);
    copies = new Copies(
        context, fusion, context.plan().execution().execution().staging() != Staging.TRANSFER);
    readers = new Readers(context.plan(), topology);
    List<Problem> problems = new ArrayList<>();
    WorkerCode worker = new WorkerCode(context, problems);
    for (PlannedStage stage : context.stages()) {
      Map<String, @Nullable Object> code = worker.of(stage);
      if (code != null) {
        stages.add(stage(stage, code));
      }
    }
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
  }

  private Map<String, @Nullable Object> stage(
      PlannedStage planned, Map<String, @Nullable Object> code) {
    Topology.Links links = topology.links(planned, readers);
    code.put("inputs", links.inputs());
    code.put("by_name", readers.byName(planned));
    code.put("explicit", planned.stage().from() != null);
    Map<String, @Nullable Object> made = new LinkedHashMap<>();
    made.put("index", planned.index());
    made.put("first", planned.firstTask());
    made.put("next", fusion.next(planned));
    made.put("next_comes", fusion.nextComes(planned));
    made.put("depth", topology.depth(planned.index()));
    made.put("fetch", fusion.fetched(planned));
    made.put("read_here", fusion.readHere(planned));
    made.put("keep", fusion.readAgain(planned));
    made.put("copies", copies.of(planned).name().toLowerCase(Locale.ROOT));
    made.put("scope", planned.scope().name().toLowerCase(Locale.ROOT));
    made.put("links", links.described());
    made.put("code", code);
    return made;
  }

  Topology topology() {
    return topology;
  }

  RouteTable routes() {
    return routes;
  }

  Fusion fusion() {
    return fusion;
  }

  Copies copies() {
    return copies;
  }

  /** Returns the stages in the bridge's terms. */
  List<Map<String, @Nullable Object>> stages() {
    return stages;
  }
}
