package dev.muster.examples.plot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.examples.plot.Shape.Anchor;
import dev.muster.examples.plot.Shape.Area;
import dev.muster.examples.plot.Shape.Disc;
import dev.muster.examples.plot.Shape.Line;
import dev.muster.examples.plot.Shape.Text;
import java.util.List;
import org.junit.jupiter.api.Test;

class SvgWriterTest {
  @Test
  void writesEveryShape() {
    Drawing drawing = new Drawing(
        100,
        50,
        "a < b",
        List.of(
            Line.between(0, 0, 10.126, 5, "#112233", 1.5),
            Area.rectangle(1, 2, 3, 4, "#445566"),
            new Disc(5, 6, 2, "#000000"),
            new Text(7, 8, "m(μμ) & \"x\"", 12, Anchor.END, true, false)));
    assertThat(SvgWriter.write(drawing)).isEqualTo("""
        <svg xmlns="http://www.w3.org/2000/svg" width="100" height="50" viewBox="0 0 100 50" \
        font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif">
        <title>a &lt; b</title>
        <rect width="100%" height="100%" fill="#ffffff"/>
        <path fill="none" stroke-linejoin="round" stroke="#112233" stroke-width="1.5" d="M0 0L10.13 5"/>
        <path fill="#445566" d="M1 2L3 2L3 4L1 4Z"/>
        <circle fill="#000000" cx="5" cy="6" r="2"/>
        <text x="7" y="8" font-size="12" text-anchor="end" font-weight="bold" \
        transform="rotate(-90 7 8)">m(μμ) &amp; &quot;x&quot;</text>
        </svg>
        """);
  }

  @Test
  void escapesWhatXmlForbids() {
    assertThat(SvgWriter.escaped("<a>&\u0000\uD800")).isEqualTo("&lt;a&gt;&amp;\uFFFD\uFFFD");
  }

  @Test
  void escapesAttributes() {
    Drawing drawing = new Drawing(1, 1, "", List.of(new Disc(0, 0, 1, "red\"/><script>")));
    assertThat(SvgWriter.write(drawing)).doesNotContain("<script>").contains("red&quot;");
  }
}
