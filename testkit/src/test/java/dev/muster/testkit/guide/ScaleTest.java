package dev.muster.testkit.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.spi.OperationSetup;
import dev.muster.testkit.FakeContext;
import dev.muster.workflow.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScaleTest {
  private static Operation operation(FakeContext context) {
    OperationSetup setup = new OperationSetup(context.stage(), context.baseDirectory());
    return new ScaleOperations().create("guide.scale", setup);
  }

  @Test
  void multipliesEveryNumber() throws Exception {
    FakeContext context = FakeContext.builder("Scale")
        .param("factor", 10)
        .input("Numbers", List.of(1, 2, 3))
        .build();

    assertThat(operation(context).run(context)).isEqualTo(List.of(10, 20, 30));
    assertThat(context.logged()).containsExactly("scaled 3 numbers");
  }

  @Test
  void saysWhatIsWrongWithItsInput() {
    FakeContext context =
        FakeContext.builder("Scale").input("Numbers", "1, 2, 3").build();

    assertThatThrownBy(() -> operation(context).run(context))
        .hasMessageContaining("input 'Numbers' is a java.lang.String");
  }
}
