package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.WorkflowException;
import dev.muster.execution.EffectiveExecution;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.execution.Layers;
import dev.muster.internal.yaml.WorkflowLoader;
import dev.muster.workflow.Workflow;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteFilesTest {
  private static final String STAGES = "analysis: {stages: [{id: A, op: x}]}\n";

  @TempDir
  Path folder;

  @Test
  void thereAreNoneByDefault() {
    assertThat(SiteFiles.read(Map.of(), folder)).isEqualTo(SiteFiles.none());
    assertThat(SiteFiles.read(Map.of("MUSTER_SITE", ""), null)).isEqualTo(SiteFiles.none());
  }

  @Test
  void readsTheListedFilesAndThenTheUsersOwn() throws IOException {
    Path one =
        write("one.yaml", "backend: dask\nregistry: {operations: {a: 'one:a', b: 'one:b'}}\n");
    Path two =
        write("two.yaml", "execution: {strategy: slurm}\nregistry: {operations: {b: 'two:b'}}\n");
    Path own = write(".config/muster/site.yaml", "pools: {default: {workers: 3}}\n");

    SiteFiles files = SiteFiles.read(Map.of("MUSTER_SITE", one + File.pathSeparator + two), folder);

    assertThat(files.layers().stream().map(Layer::name))
        .containsExactly("site " + one, "site " + two, "site " + own);
    assertThat(files.registry().operations()).isEqualTo(Map.of("a", "one:a", "b", "two:b"));
    EffectiveExecution merged = Layers.merge(files.layers());
    assertThat(merged.execution().backend()).isEqualTo("dask");
    assertThat(merged.execution().strategy()).isEqualTo("slurm");
    assertThat(merged.origins()).containsEntry("pools.default.workers", "site " + own);
  }

  @Test
  void knowsWhereValuesStand() throws IOException {
    Path direct = write("direct.yaml", "pools:\n  gpu:\n    use: gpu_worker\n");
    Path nested = write("nested.yaml", "execution:\n  pools: {gpu: {use: gpu_worker}}\n");

    SiteFiles files =
        SiteFiles.read(Map.of("MUSTER_SITE", direct + File.pathSeparator + nested), null);

    assertThat(files.layers().get(0).locations())
        .containsEntry("pools.gpu.use", new SourceLocation(direct.toString(), 3, 10))
        .containsEntry("pools.gpu", new SourceLocation(direct.toString(), 2, 3));
    assertThat(files.layers().get(1).locations())
        .containsEntry("pools.gpu.use", new SourceLocation(nested.toString(), 2, 22));
  }

  @Test
  void aFileForOneStrategyCountsWithThatAlone() throws IOException {
    Path slurm = write(
        "slurm.yaml",
        "for_strategy: slurm\npools: {gpu: {config: {queue: gpu}}}\nconfig: {a: 1}\n");
    Path condor = write(
        "condor.yaml",
        "for_strategy: htcondor\nexecution: {pools: {gpu: {config: {queue: long}}}}\n");
    List<Layer> layers = SiteFiles.read(
            Map.of("MUSTER_SITE", slurm + File.pathSeparator + condor), null)
        .layers();

    EffectiveExecution onSlurm = Layers.merge(with(layers, "slurm"));
    assertThat(onSlurm.execution().pools().get("gpu").config()).isEqualTo(Map.of("queue", "gpu"));
    assertThat(onSlurm.origins())
        .containsEntry("pools.gpu.config.queue", "site " + slurm)
        .containsEntry("config.a", "site " + slurm);
    EffectiveExecution onCondor = Layers.merge(with(layers, "htcondor"));
    assertThat(onCondor.execution().pools().get("gpu").config()).isEqualTo(Map.of("queue", "long"));
    assertThat(onCondor.execution().config()).isEmpty();
    assertThat(Layers.merge(layers).execution().pools()).isEmpty();
  }

  private static List<Layer> with(List<Layer> layers, String strategy) {
    List<Layer> all = new ArrayList<>(layers);
    all.add(Layer.of("--strategy", Execution.builder().strategy(strategy).build()));
    return all;
  }

  @Test
  void aFileForOneStrategyCannotChooseTheStrategy() throws IOException {
    Path file = write("both.yaml", "strategy: slurm\nfor_strategy: slurm\n");
    assertThatThrownBy(() -> SiteFiles.read(Map.of("MUSTER_SITE", file.toString()), null))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("both.yaml:2:1")
        .hasMessageContaining("a site file for one strategy cannot choose the strategy");
  }

  @Test
  void aSlipInTheStrategyOfAFileIsAWarning() throws IOException {
    Path file = write("slip.yaml", "for_strategy: slrm\npools: {default: {workers: 2}}\n");
    Workflow workflow = Workflow.builder()
        .name("w")
        .stage("a")
        .op("shell")
        .param("command", "true")
        .build();
    RunOptions options = RunOptions.builder()
        .below(SiteFiles.read(Map.of("MUSTER_SITE", file.toString()), null)
            .layers()
            .get(0))
        .build();
    assertThat(Muster.plan(workflow, Execution.builder().strategy("slurm").build(), options)
            .warnings())
        .extracting(Problem::message)
        .anySatisfy(message -> assertThat(message)
            .isEqualTo("site " + file
                + " is left out: it is for the strategy 'slrm', and the strategy is 'slurm'"));
  }

  @Test
  void anEmptyFileSaysNothing() throws IOException {
    Path empty = write("empty.yaml", "# nothing yet\n");

    assertThat(SiteFiles.read(Map.of("MUSTER_SITE", empty.toString()), null).layers())
        .singleElement()
        .satisfies(layer -> assertThat(layer.execution().pools()).isEmpty());
  }

  @Test
  void reportsTheProblemsOfAllFiles() throws IOException {
    Path one = write("one.yaml", "bakend: dask\n");
    Path two = write("two.yaml", STAGES);
    Path three =
        write("three.yaml", "execution: {pools: {a: {worker: 1}}, require: gpu}\npools: {}\n");
    Path four = write("four.yaml", "profiles: [other]\n");
    String listed = String.join(
        File.pathSeparator,
        one.toString(),
        two.toString(),
        three.toString(),
        four.toString(),
        "missing.yaml",
        "");

    assertThatThrownBy(() -> SiteFiles.read(Map.of("MUSTER_SITE", listed), folder))
        .isInstanceOf(WorkflowException.class)
        .message()
        .isEqualTo("""
            7 problems
            the site file missing.yaml does not exist; correct the environment variable MUSTER_SITE
            F/one.yaml:1:1: bakend: unknown key 'bakend'; did you mean 'backend'?
            F/two.yaml:1:1: analysis: unknown key 'analysis'; this is a workflow file; a site file says only where to run
            F/three.yaml:1:25: execution.pools.a.worker: unknown key 'worker'; did you mean 'workers'?
            F/three.yaml:1:38: execution.require: unknown key 'require'; it belongs to the 'execution' of a stage
            F/three.yaml:2:1: pools: unknown key 'pools'; known: version, name, description, registry, for_strategy, execution
            F/four.yaml:1:1: profiles: a site file cannot load other site files; write profiles as NAME: {...}, or name all files in the workflow or MUSTER_SITE""".replace("F/", folder + File.separator));
  }

  @Test
  void aWorkflowLoadsProfilesByNameAndByPath() throws IOException {
    write(
        "work/beside.yaml",
        "backend: dask\nregistry: {operations: {a: 'beside:a', x: 'beside:x'}}\n");
    write("work/profiles/inner.yaml", "strategy: slurm\n");
    write("home/.config/muster/profiles/own.yaml", "config: {account: mine}\n");
    write("sites/far.yaml", "staging: transfer\n");
    write("home/tilde.yaml", "credentials: x509\n");
    Path file = write(
        "work/flow.yaml",
        "use: {profiles: [beside, inner, own], other: kept}\n"
            + "registry: {operations: {a: 'own:a'}}\n"
            + "execution: {profiles: [../sites/far.yaml, ~/tilde.yaml, beside]}\n"
            + STAGES);

    WorkflowLoader.Loaded loaded = WorkflowLoader.load(file, folder.resolve("home"));

    assertThat(loaded.profiles()).hasSize(5);
    List<Layer> layers = new ArrayList<>(loaded.profiles());
    layers.add(loaded.layer());
    assertThat(Layers.merge(layers).execution())
        .satisfies(execution -> assertThat(execution.backend()).isEqualTo("dask"))
        .satisfies(execution -> assertThat(execution.strategy()).isEqualTo("slurm"))
        .satisfies(execution -> assertThat(execution.config()).containsEntry("account", "mine"))
        .satisfies(
            execution -> assertThat(execution.credentials().kinds()).containsExactly("x509"));
    assertThat(loaded.workflow().registry().operations())
        .isEqualTo(Map.of("a", "own:a", "x", "beside:x"));
    assertThat(loaded.workflow().metadata().get("use"))
        .isEqualTo(Map.of(
            "profiles",
            List.of("beside", "inner", "own", "../sites/far.yaml", "~/tilde.yaml"),
            "other",
            "kept"));
  }

  @Test
  void reportsTheProblemsOfProfilesWithThoseOfTheFile() throws IOException {
    write("bad.yaml", "bakend: dask\n");
    Path file = write("flow.yaml", "execution: {profiles: [bad, none], stategy: x}\n" + STAGES);

    assertThat(new WorkflowException(WorkflowLoader.load(file, null).problems()))
        .hasMessage("""
            3 problems
            F/bad.yaml:1:1: bakend: unknown key 'bakend'; did you mean 'backend'?
            F/flow.yaml:1:29: execution.profiles[1]: there is no site file 'none'; looked for F/none.yaml, F/profiles/none.yaml
            F/flow.yaml:1:36: execution.stategy: unknown key 'stategy'; did you mean 'strategy'?""".replace("F/", folder + File.separator));
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }
}
