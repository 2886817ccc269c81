package dev.muster.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.execution.Execution;
import dev.muster.execution.Pool;
import dev.muster.execution.Staging;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SettingsTest {
  private static @Nullable Object plain(Object value) {
    return Settings.copyOf(Map.of("key", value)).get("key");
  }

  @Test
  void javaValuesBecomeWhatFilesHave() {
    assertThat(plain(Duration.ofHours(4))).isEqualTo("04:00:00");
    assertThat(plain(Duration.ofMillis(250))).isEqualTo("250ms");
    assertThat(plain(Duration.ofDays(3))).isEqualTo("3-00:00:00");
    assertThat(plain(MemorySize.parse("4GB"))).isEqualTo("4GB");
    assertThat(plain(Staging.SHARED)).isEqualTo("shared");
    assertThat(plain(Path.of("/opt/python"))).isEqualTo("/opt/python");
    assertThat(plain(URI.create("tls://host:1"))).isEqualTo("tls://host:1");
    assertThat(plain(new String[] {"a", "b"})).isEqualTo(List.of("a", "b"));
    assertThat(plain(Map.of("in", List.of(Duration.ofSeconds(90)))))
        .isEqualTo(Map.of("in", List.of("00:01:30")));
    for (Object same : new Object[] {"text", 3, 2.5, true}) {
      assertThat(plain(same)).isSameAs(same);
    }
  }

  @Test
  void everyBuilderTakesThem() {
    Execution execution = Execution.builder()
        .config("walltime", Duration.ofHours(1))
        .pool("default", pool -> pool.config("walltime", Duration.ofMinutes(30)))
        .build();
    Pool pool = execution.pools().values().iterator().next();
    assertThat(execution.config()).containsEntry("walltime", "01:00:00");
    assertThat(pool.config()).containsEntry("walltime", "00:30:00");
  }

  @Test
  void aCopyDoesNotChange() {
    List<String> list = new ArrayList<>(List.of("a"));
    Map<String, @Nullable Object> copy = Settings.copyOf(Map.of("key", list));
    list.add("b");
    assertThat(copy).isEqualTo(Map.of("key", List.of("a")));
  }

  @Test
  void whatWouldLoseSomethingIsRefused() {
    for (Duration span : Arrays.asList(Duration.ofNanos(1_500_000), Duration.ofSeconds(-1))) {
      assertThatThrownBy(() -> plain(span))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("option key: ");
    }
  }
}
