package dev.muster.dask;

import static dev.muster.dask.FakeRun.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Ticker;
import dev.muster.batch.spi.JobId;
import dev.muster.plan.Plan;
import dev.muster.spi.OutputCopy;
import dev.muster.spi.StoredOutput;
import dev.muster.value.ValueEncoding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DaskSessionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Plan plan = FakeRun.plan(workflow()
      .stage("A", s -> s.op("op"))
      .stage("B", s -> s.op("op").from("A"))
      .stage("C", s -> s.op("op").from("A").require("gpu")));
  private final FakeRun run = new FakeRun(plan);
  private final FakeBridge bridge = new FakeBridge();
  private Path work;
  private WorkerPools pools;
  private DaskSession session;

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    work = Files.createDirectory(folder.resolve("work"));
    Files.writeString(work.resolve("key"), "secret");
    pools = new WorkerPools(
        run,
        DaskConfig.of(run.config()),
        new WorkerJobs(run, work),
        false,
        (pool, reason) -> {},
        Ticker.systemTicker());
    session = new DaskSession(run, new StageTable(run), bridge, pools, work);
  }

  @AfterEach
  void close() {
    session.close();
  }

  @SuppressWarnings("unchecked") // keys of JSON objects are strings
  private void say(String message) {
    session.message((Map<String, @Nullable Object>)
        Objects.requireNonNull(ValueEncoding.decode(message.replace('\'', '"'))));
  }

  private void report(String items) {
    say("{'ev':'reports','workers':[['default-0','default'," + items + "]]}");
  }

  private static String numbers(long... numbers) {
    ByteBuffer buffer = ByteBuffer.allocate(numbers.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long number : numbers) {
      buffer.putLong(number);
    }
    return "'" + Base64.getEncoder().encodeToString(buffer.array()) + "'";
  }

  @Test
  void tasksOfSeveralStagesAreToldStageByStage() {
    assertThat(session.pipelines()).isTrue();
    session.submit(plan.stages().get(0).route(), 1, new int[] {0, 1, 99}, 2);
    assertThat(bridge.sent())
        .containsExactly(
            "submit {stage=0, attempt=1, route=0, tasks=[[0, 1, -1, folder70]]}",
            "submit {stage=1, attempt=1, route=0, tasks=[[1, 1, -1, folder71]]}");
    session.cancel(1, 1);
    assertThat(bridge.sent()).containsExactly("cancel [[1, 1]]");
  }

  @Test
  void aTaskIsToldFromItsBeginningToItsEnd() {
    report("[['s',1,1,5]]");
    report("[['o',1,1,1500000,2000000000,'[1,2]',null,null]]");
    assertThat(run.told())
        .containsExactly(
            "started 1/1 on default-0 of default",
            "started 1/1 on default-0 of default",
            "measured 1/1 1970-01-01T00:00:01.500Z PT2S",
            "succeeded 1/1: [1, 2] kept");
  }

  @Test
  void successesWithoutAnOutputTravelAsNumbers() {
    report(numbers(0, 1, 0, 1000, 1, 2, 0, 1000));
    assertThat(run.told())
        .containsExactly(
            "started 0/1 on default-0 of default",
            "measured 0/1 1970-01-01T00:00:00Z PT0.000001S",
            "succeeded 0/1: elsewhere",
            "started 1/2 on default-0 of default",
            "measured 1/2 1970-01-01T00:00:00Z PT0.000001S",
            "succeeded 1/2: null");
  }

  @Test
  void aLargeOutputIsReadFromItsFileWhenItIsAskedFor() throws Exception {
    Path file = Files.writeString(work.resolve("large"), "\"much\"");
    report("[['o',1,1,0,0,null,'json','" + file + "']]");
    assertThat(run.told()).last().isEqualTo("succeeded 1/1: much kept");
    report("[['o',1,1,0,0,null,'bytes','" + file + "']]");
    assertThat(run.told()).last().asString().startsWith("succeeded 1/1: [B@");
  }

  /** Opens the session of a run that keeps records; A is read by B, and by C on other workers. */
  private void recorded() {
    session.close();
    run.records = true;
    session = new DaskSession(run, new StageTable(run), bridge, pools, work);
    run.told();
  }

  @Test
  void filesOfCodeCountForAllThatTheWorkerReportsAfterThem() {
    recorded();
    report("[['c',1,1,[['content','/b/ops.py','1'],['times','/usr/x.py',null]]]]");
    report(numbers(1, 1, 0, 1000));
    report("[['c',1,1,[['content','/b/late.py','2']]]]");
    report("[['o',2,1,0,0,'3',null,null,{'folder':true}]]");
    assertThat(run.told())
        .containsSubsequence(
            "code 1: [/b/ops.py, /usr/x.py]",
            "succeeded 1/1: null",
            "code 2: [/b/ops.py, /usr/x.py, /b/late.py]",
            "files of 2",
            "succeeded 2/1: 3 kept");
  }

  @Test
  void aRunWithoutRecordsIsToldOfNoCode() {
    report(numbers(1, 1, 0, 1000));
    assertThat(run.told()).noneMatch(told -> told.startsWith("code"));
  }

  @Test
  void anOutputThatStaysHasTheCopyThatItsWorkerTellsOfOnce() throws Exception {
    recorded();
    report("[['o',0,1,0,0,'[1]',null,null]]");
    StoredOutput told = run.last();
    assertThat(Objects.requireNonNull(told.copy()).value()).isEqualTo(List.of(1L));
    assertThat(told.copy()).as("it is not held").isNull();
    assertThat(told.kept()).isFalse();
    report("[['o',0,1,0,0,null,'unkept',null]]");
    assertThat(run.last().copy()).isNull();
    report(numbers(0, 1, 0, 1000));
    assertThat(run.last().copy()).isEqualTo(OutputCopy.of(null));
    report("[['o',0,1,0,0,null,'json','/r/value.json',{'names':['/r/x']}]]");
    assertThat(run.last().copy())
        .isEqualTo(new OutputCopy(null, Path.of("/r/value.json"), false, List.of(Path.of("/r/x"))));
    report("[['o',0,1,0,0,null,'json','/r/value.json',{'names':null}]]");
    assertThat(run.last().copy()).as("which files belong to it is not known").isNull();
  }

  @Test
  void whatIsReleasedIsToldToTheBridge() {
    StoredOutput output = new StoredValue(bridge::release, 0, null, false, null);
    output.release();
    assertThat(bridge.sent()).containsExactly("release [0]");
  }

  @Test
  void anOutputThatCannotBeReadFailsItsTaskAlone() {
    report("[['o',1,1,0,0,'no JSON',null,null],['o',2,1,0,0,'3',null,null]]");
    assertThat(run.told())
        .anyMatch(told -> told.startsWith("failed 1/1: "))
        .last()
        .isEqualTo("succeeded 2/1: 3 kept");
  }

  @Test
  void aFailureHasItsKindAndItsExitCode() {
    report("[['f',1,1,0,0,'OPERATION','no',3],['f',2,1,0,0,'NETWORK','gone']]");
    say("{'ev':'reports','workers':[[null,null,[['f',0,1,null,0,'BACKEND','no pool']]]]}");
    assertThat(run.told())
        .filteredOn(told -> told.startsWith("failed"))
        .containsExactly(
            "failed 1/1: OPERATION no (3)",
            "failed 2/1: NETWORK gone",
            "failed 0/1: BACKEND no pool");
  }

  @Test
  void logsAndDiagnosticsArePassedOn() {
    report("[['l',1,'hello'],['d',1,'seen','{\\\"n\\\": 2}'],['d',1,'odd','{']]");
    assertThat(run.told())
        .hasSize(3)
        .startsWith("log 1: hello", "diagnostic 1: seen={n=2}")
        .last()
        .asString()
        .startsWith("log 1: diagnostic odd is left out: ");
  }

  @Test
  void workersComeAndGoInAnyOrder() {
    say("{'ev':'worker','name':'gpu-0','pool':'gpu','up':false}");
    say("{'ev':'worker','name':'gpu-0','pool':'gpu','up':true}");
    say("{'ev':'worker','name':'x-0','pool':'unheard','up':true}");
    assertThat(run.told())
        .containsExactly(
            "worker gpu-0 of gpu is gone",
            "worker gpu-0 of gpu is there",
            "worker x-0 of unheard is there");
  }

  @Test
  void anErrorOfTheBridgeBreaksTheRun() {
    say("{'ev':'error','message':'no port is free'}");
    assertThat(run.told()).containsExactly("broken no port is free");
  }

  @Test
  void aLostTaskIsToldWhenItIsKnownHowItsWorkerEnded() {
    pools.start();
    pools.watch();
    JobId job = run.system.submissions().get(0).jobs().get(0);
    run.system.startAll();
    say("{'ev':'worker','name':'default-0','pool':'default','up':true}");
    report("[['f',1,1,null,0,'WORKER_LOST','its worker died']]");
    assertThat(run.toldSoFar()).noneMatch(told -> told.startsWith("failed"));
    run.system.exit(job, 9);
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> run.toldSoFar().stream().anyMatch(told -> told.startsWith("failed")));
    assertThat(run.told())
        .contains("failed 1/1: WORKER_LOST its worker died; its job ended (exit code 9) (9)");
  }

  @Test
  void whatIsOpenWhenItIsClosedIsTold() {
    pools.start();
    pools.watch();
    report("[['f',1,1,null,0,'WORKER_LOST','its worker died']]");
    session.close();
    assertThat(run.told()).contains("failed 1/1: WORKER_LOST its worker died");
  }

  @Test
  void closingEndsEverythingOnce() {
    pools.start();
    pools.watch();
    List<JobId> jobs = run.system.open();
    session.submit(plan.stages().get(0).route(), 1, new int[] {0}, 1);
    bridge.sent();
    session.close();
    session.close();
    assertThat(bridge.timesClosed()).isEqualTo(1);
    assertThat(run.system.cancelled()).containsExactlyInAnyOrderElementsOf(jobs).hasSize(4);
    assertThat(work).doesNotExist();
    session.submit(plan.stages().get(0).route(), 1, new int[] {0}, 1);
    assertThat(bridge.sent()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'ev':'more'}",
        "{'ev':'reports'}",
        "{'ev':'reports','workers':{}}",
        "{'ev':'reports','workers':[['default-0','default']]}",
        "{'ev':'reports','workers':[[3,'default',[]]]}",
        "{'ev':'reports','workers':[['default-0','default',7]]}",
        "{'ev':'reports','workers':[['default-0','default',[7]]]}",
        "{'ev':'reports','workers':[['default-0','default',[['s']]]]}",
        "{'ev':'reports','workers':[['default-0','default',[['x',1,1]]]]}",
        "{'ev':'reports','workers':[['default-0','default',[['s','1',1]]]]}",
        "{'ev':'reports','workers':[['default-0','default',[['s',1.5,1]]]]}",
        "{'ev':'reports','workers':[['default-0','default',[['s',4294967297,1]]]]}",
        "{'ev':'reports','workers':[['default-0','default',[['s',1,null]]]]}",
        "{'ev':'reports','workers':[[null,'default',[['s',1,1]]]]}",
        "{'ev':'reports','workers':[['default-0','default',[['o',1,1]]]]}",
        "{'ev':'reports','workers':[['default-0','default',[['f',1,1,null,0,'ODD','x']]]]}",
        "{'ev':'reports','workers':[['default-0','default',[['f',1,1,null,0]]]]}",
        "{'ev':'reports','workers':[['default-0','default','AAAA']]}",
        "{'ev':'reports','workers':[['default-0','default','not base 64!']]}",
        "{'ev':'worker','up':true}",
        "{'ev':'want','pool':'gpu'}",
        "{'ev':'want','pool':'gpu','workers':'many'}",
      })
  void whatIsNotUnderstoodIsRefusedAndNotTakenForASuccess(String message) {
    assertThatThrownBy(() -> say(message)).isInstanceOf(IllegalArgumentException.class);
    assertThat(run.told()).noneMatch(told -> told.startsWith("succeeded"));
  }
}
