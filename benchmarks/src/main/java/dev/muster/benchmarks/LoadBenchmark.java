package dev.muster.benchmarks;

import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Loads and validates a workflow file, beside what Jackson takes to read the same text into a plain tree. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 2, jvmArgs = "-Xmx1g")
public class LoadBenchmark {
  @Param("10000")
  int stages;

  private String text = "";
  private final YAMLMapper jackson = new YAMLMapper(YAMLFactory.builder()
      .loadSettings(org.snakeyaml.engine.v2.api.LoadSettings.builder()
          .setCodePointLimit(Integer.MAX_VALUE)
          .build())
      .build());

  /** Writes a file of stages that use most of the language; 10,000 of them are about 1.4 MB. */
  @Setup
  public void write() {
    StringBuilder out = new StringBuilder("version: 1.0\nname: large\nanalysis:\n  stages:\n");
    for (int i = 0; i < stages; i++) {
      out.append("    - id: Stage").append(i).append("\n      op: custom.work\n");
      out.append("      params: {cut: ").append(i % 100).append(", label: muons}\n");
      if (i > 0) {
        out.append("      needs: [Stage").append(i - 1).append("]\n");
      }
      if (i % 3 == 0) {
        out.append("      execution:\n        require: high_memory\n        timeout: 2h\n");
      } else if (i % 3 == 1) {
        out.append("      environment:\n        resources: {memory: 2GB, cpus: 1}\n");
      } else {
        out.append("      execution: {modifiers: [profile], retry: {max: 2, backoff: 10s}}\n");
      }
    }
    out.append("execution:\n  pools:\n    default: {workers: 4}\n    high_memory: {workers: 2}\n");
    text = out.toString();
  }

  /** Text to workflow and execution, all checks included. */
  @Benchmark
  public WorkflowFile load() {
    return Workflows.fromYaml(text);
  }

  /** Text to a tree of nodes without places or checks. */
  @Benchmark
  public JsonNode jacksonTree() {
    return jackson.readTree(text);
  }
}
