package dev.muster.internal.rundir;

import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.internal.io.IoErrors;
import dev.muster.plan.Plan;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What displays and reports need of a plan: of one at hand, or of the {@code plan.yaml} of a run. Immutable and
 * thread-safe.
 *
 * @param workflow the workflow's name
 * @param stages the stages, in the author's order
 */
public record RecordedPlan(String workflow, List<Stage> stages) {
  /** Made where a plan is read: it takes longer than much else of a short run, which reads none. */
  private static final class Reader {
    // A plan of many stages is longer than the reader takes by default.
    static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
        .loadSettings(
            LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build())
        .build());

    private Reader() {}
  }

  public RecordedPlan {
    stages = List.copyOf(stages);
  }

  /**
   * A stage.
   *
   * @param id its id
   * @param op the name of its operation; empty if that is not on record
   * @param tasks how many tasks it has
   * @param pools the names of its pools
   * @param after the stages that it waits for
   */
  public record Stage(String id, String op, int tasks, List<String> pools, Set<String> after) {
    public Stage {
      pools = List.copyOf(pools);
      after = Set.copyOf(after);
    }
  }

  /** Returns what is needed of a plan. */
  public static RecordedPlan of(Plan plan) {
    return new RecordedPlan(
        plan.workflow().name(),
        plan.stages().stream()
            .map(stage -> new Stage(
                stage.id(),
                stage.stage().op(),
                stage.taskCount(),
                stage.route().pools().stream().map(Pool::name).toList(),
                stage.incoming().stream()
                    .map(link -> plan.stages().get(link.producer()).id())
                    .collect(Collectors.toSet())))
            .toList());
  }

  /**
   * Reads the plan of a run.
   *
   * @throws MusterException if it cannot be read
   */
  public static RecordedPlan read(Path run) {
    Path file = run.resolve(RunLayout.PLAN);
    String name = "";
    List<Stage> stages = null;
    try (InputStream in = Files.newInputStream(file);
        JsonParser parser = Reader.YAML.createParser(in)) {
      parser.nextToken();
      for (String key = parser.nextName(); key != null; key = parser.nextName()) {
        JsonToken value = parser.nextToken();
        if (key.equals("workflow")) {
          name = parser.getString();
        } else if (key.equals("stages") && value == JsonToken.START_ARRAY) {
          stages = new ArrayList<>();
          while (parser.nextToken() == JsonToken.START_OBJECT) {
            stages.add(stage(parser.readValueAsTree()));
          }
        } else {
          parser.skipChildren();
        }
      }
    } catch (IOException e) {
      throw new MusterException("cannot read the plan of the run: " + IoErrors.describe(e), e);
    } catch (JacksonException e) {
      throw new MusterException(file + " is not the plan of a run: " + e.getOriginalMessage(), e);
    }
    if (stages == null) {
      throw new MusterException(file + " is not the plan of a run: it has no list of stages");
    }
    return new RecordedPlan(name, stages);
  }

  private static Stage stage(JsonNode stage) {
    List<String> pools = new ArrayList<>();
    stage.path("pools").forEach(pool -> pools.add(pool.asString("")));
    Set<String> after = new HashSet<>();
    stage.path("waits_for").forEach(link -> after.add(link.path("stage").asString("")));
    return new Stage(
        stage.path("id").asString(""),
        stage.path("op").asString(""),
        Math.max(0, stage.path("tasks").asInt(0)),
        pools,
        after);
  }
}
