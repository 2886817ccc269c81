package dev.muster.batch.internal.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.EnvironmentProvider;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.batch.spi.Strategy;
import dev.muster.batch.spi.StrategyContext;
import dev.muster.error.WorkflowException;
import dev.muster.internal.discovery.Services;
import dev.muster.spi.Plugin;
import java.util.List;
import org.junit.jupiter.api.Test;

class SitePartsTest {
  private record Named(String name, String origin) implements Strategy {
    @Override
    public BatchSystem open(StrategyContext context) {
      throw new UnsupportedOperationException();
    }
  }

  private record Software(String type) implements EnvironmentProvider {
    @Override
    public PreparedEnvironment prepare(EnvironmentContext context) {
      throw new UnsupportedOperationException();
    }
  }

  private static SiteParts parts(List<Plugin> given, Strategy... found) {
    return new SiteParts(given, new Services() {
      @Override
      public <P> List<P> load(Class<P> type) {
        return type == Strategy.class
            ? List.of(found).stream().map(type::cast).toList()
            : List.of();
      }
    });
  }

  @Test
  void hasWhatComesWithIt() {
    SiteParts parts = parts(List.of());
    assertThat(parts.strategy("local").name()).isEqualTo("local");
    assertThat(parts.environment("shared").type()).isEqualTo("shared");
    assertThat(parts.credential("wlcg").kind()).isEqualTo("wlcg");
  }

  @Test
  void prefersWhatIsGiven() {
    SiteParts parts = parts(
        List.of(new Named("slurm", "given"), new Software("mine")), new Named("slurm", "found"));
    assertThat(parts.strategy("slurm")).isEqualTo(new Named("slurm", "given"));
    assertThat(parts.environment("mine")).isEqualTo(new Software("mine"));
    assertThat(parts.strategyNames()).containsExactly("local", "slurm");
  }

  @Test
  void namesTheArtifactOfWhatIsNotThere() {
    assertThatThrownBy(() -> parts(List.of()).strategy("slurm"))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("execution.strategy: there is no strategy named 'slurm'")
        .hasMessageContaining("'slurm' is in the artifact dev.muster:muster-slurm")
        .hasMessageContaining("known: local");
    assertThatThrownBy(() -> parts(List.of()).environment("shred"))
        .hasMessageContaining("there is no environment named 'shred'")
        .hasMessageContaining("did you mean 'shared'?")
        .hasMessageContaining("known: current, shared");
    assertThatThrownBy(() -> parts(List.of()).environment("packed-pixi"))
        .hasMessageContaining("dev.muster:muster-pixi");
  }

  @Test
  void refusesAPluginThatItCannotUse() {
    Plugin other = new Plugin() {};
    assertThatThrownBy(() -> parts(List.of(other)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(other.getClass().getName())
        .hasMessageContaining(
            "is neither a strategy, nor an environment, nor a kind of credentials");
  }

  @Test
  void refusesTwoOfOneName() {
    assertThatThrownBy(() -> parts(List.of(new Named("a", "one"), new Named("a", "two"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two strategies named 'a'");
  }
}
