package dev.muster.examples.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.muster.examples.plot.Shape.Anchor;
import dev.muster.examples.plot.Shape.Area;
import dev.muster.examples.plot.Shape.Line;
import dev.muster.examples.plot.Shape.Text;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PngWriterTest {
  private static final int WHITE = 0xFFFFFFFF;

  @Test
  void drawsAreasAndLinesWhereTheyBelong() throws IOException {
    BufferedImage image = image(List.of(
        Area.rectangle(10, 10, 20, 20, "#56B4E9"), Line.between(0, 30, 40, 30, "#D55E00", 2)));
    assertThat(image.getWidth()).isEqualTo(80);
    assertThat(image.getHeight()).isEqualTo(80);
    assertThat(image.getRGB(30, 30)).isEqualTo(0xFF56B4E9);
    assertThat(image.getRGB(40, 60)).isEqualTo(0xFFD55E00);
    assertThat(image.getRGB(60, 30)).isEqualTo(WHITE);
  }

  @Test
  void textEndsAtItsAnchor() throws IOException {
    BufferedImage image = image(List.of(Text.plain(20, 25, "III", 12, Anchor.END)));
    assertThat(ink(image, 0, 40)).isPositive();
    assertThat(ink(image, 41, 80)).isZero();
  }

  @Test
  void rejectsASenselessScale() {
    Drawing drawing = new Drawing(1, 1, "", List.of());
    assertThatIllegalArgumentException().isThrownBy(() -> PngWriter.write(drawing, 0));
  }

  private static BufferedImage image(List<Shape> shapes) throws IOException {
    byte[] png = PngWriter.write(new Drawing(40, 40, "", shapes), 2);
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  private static int ink(BufferedImage image, int fromX, int toX) {
    int count = 0;
    for (int x = fromX; x < toX; x++) {
      for (int y = 0; y < image.getHeight(); y++) {
        count += image.getRGB(x, y) == WHITE ? 0 : 1;
      }
    }
    return count;
  }
}
