package dev.muster.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.results.Results;
import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.Select;

/** The report in Debian's Chromium. Pictures are kept in {@code target/pictures}. */
@Timeout(120)
class ReportPageIT {
  private static final Path PICTURES = Path.of("target", "pictures");

  @TempDir
  private static Path folder;

  private static ChromeDriver browser;
  private static Path page;

  @BeforeAll
  static void open() throws Exception {
    page = page();
    Files.createDirectories(PICTURES);
    ChromeDriverService driver = new ChromeDriverService.Builder()
        .usingDriverExecutable(new File("/usr/bin/chromedriver")) // nothing is downloaded
        .usingAnyFreePort()
        .withEnvironment(Map.of("HOME", folder.toString(), "PATH", System.getenv("PATH")))
        .build();
    ChromeOptions options = new ChromeOptions();
    options.setBinary("/usr/bin/chromium");
    options.addArguments(
        "--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1240,1600");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, java.util.logging.Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    browser = new ChromeDriver(driver, options);
    browser.manage().timeouts().pageLoadTimeout(Duration.ofSeconds(60));
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.quit();
    }
  }

  /** Makes the page of a run in which everything happens. */
  private static Path page() throws Exception {
    Path run = folder.resolve("run of # 1%");
    Workflow workflow = Workflow.builder()
        .name("all <b>kinds</b>")
        .dataset(Dataset.of("d", "a", "b", "c", "d", "e", "f"))
        .stage(
            "Select",
            stage -> stage.op("select").scope(Scope.PARTITION).run(context -> {
              Thread.sleep(5 + 5L * context.partition().index());
              return 1;
            }))
        .stage(
            "Fit <i>",
            stage -> stage
                .op("fit")
                .needs("Select")
                .scope(Scope.PARTITION)
                .retries(1)
                .run(context -> {
                  if (context.partition().index() > 3) {
                    throw new IllegalStateException(
                        "no <b>fit</b> of " + context.partition().index());
                  }
                  return 1;
                }))
        .stage(
            "Sum", stage -> stage.op("sum").needs("Fit <i>").scope(Scope.GLOBAL).run(context -> 1))
        .build();
    Execution execution =
        Execution.builder().pool("default", pool -> pool.workers(2)).build();
    try (Run started = Muster.start(
        workflow, execution, RunOptions.builder().directory(run).keepGoing(true).build())) {
      started.await();
    }
    return run.resolve(Report.NAME);
  }

  private static void show(String scheme) {
    browser.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    browser.get(page.toUri().toString());
    assertThat(script("return document.documentElement.dataset.drawn")).isEqualTo("yes");
  }

  private static Object script(String text, Object... arguments) {
    return ((JavascriptExecutor) browser).executeScript(text, arguments);
  }

  private static void picture(String name) throws Exception {
    Files.write(PICTURES.resolve(name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
  }

  /** Counts the colours of a canvas: one that nothing was drawn on has one. */
  private static long colours(String id) {
    return (Long) script(
        "const c = document.getElementById(arguments[0]);"
            + "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data, s = new Set();"
            + "for (let i = 0; i < d.length; i += 4) s.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);"
            + "return s.size",
        id);
  }

  @Test
  void drawsWithoutErrorsAndLoadsNothing() throws Exception {
    show("light");
    for (String canvas : List.of("load", "timeline", "spans")) {
      assertThat(colours(canvas)).as(canvas).isGreaterThan(5);
    }
    assertThat(browser.findElements(By.cssSelector("#graph rect"))).hasSize(3);
    assertThat(browser.findElements(By.cssSelector("#graph svg > path"))).hasSize(2);
    assertThat(script("return performance.getEntriesByType('resource').length")).isEqualTo(0L);
    assertThat(browser.manage().logs().get(LogType.BROWSER).getAll()).isEmpty();
    picture("report");
  }

  @Test
  void nothingOfTheRunBecomesMarkup() {
    show("light");
    assertThat(browser.findElement(By.tagName("h1")).getText()).startsWith("all <b>kinds</b>");
    assertThat(browser.findElement(By.cssSelector("details pre")).getText())
        .contains("no <b>fit</b> of");
    assertThat(browser.findElements(By.cssSelector("main b, main i"))).isEmpty();
    script("const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
        + "document.body.append(s)");
    assertThat(script("return window.ran"))
        .as("the policy forbids other scripts")
        .isNull();
    assertThat(browser.manage().logs().get(LogType.BROWSER).getAll()).isNotEmpty();
  }

  @Test
  void canBeReadByEverybody() throws Exception {
    for (String scheme : List.of("light", "dark")) {
      show(scheme);
      Results results = new AxeBuilder()
          .withTags(List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"))
          .analyze(browser);
      assertThat(results.getViolations())
          .as(scheme)
          .extracting(Rule::getId, Rule::getImpact, Rule::getNodes)
          .isEmpty();
      picture("report-" + scheme);
    }
  }

  @Test
  void theKeyboardSortsTablesAndChoosesAPool() {
    show("light");
    WebElement tasks =
        browser.findElement(By.xpath("//section[@id='stages']//th/button[text()='Failed']"));
    tasks.sendKeys(Keys.ENTER);
    assertThat(tasks.findElement(By.xpath("..")).getDomAttribute("aria-sort"))
        .isEqualTo("descending");
    assertThat(browser.findElement(By.cssSelector("#stages tbody th")).getText())
        .isEqualTo("Fit <i>");
    tasks.sendKeys(Keys.SPACE);
    assertThat(tasks.findElement(By.xpath("..")).getDomAttribute("aria-sort"))
        .isEqualTo("ascending");
    new Select(browser.findElement(By.id("pool"))).selectByVisibleText("default");
    assertThat(colours("timeline")).isGreaterThan(5);
  }
}
