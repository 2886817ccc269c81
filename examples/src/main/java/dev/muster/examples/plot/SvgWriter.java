package dev.muster.examples.plot;

import dev.muster.examples.plot.Shape.Area;
import dev.muster.examples.plot.Shape.Disc;
import dev.muster.examples.plot.Shape.Line;
import dev.muster.examples.plot.Shape.Point;
import dev.muster.examples.plot.Shape.Text;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/** Writes a drawing as SVG; the same drawing gives the same text on every JDK. Thread-safe. */
public final class SvgWriter {
  private static final String FONTS = "Helvetica, Arial, 'DejaVu Sans', sans-serif";

  private SvgWriter() {}

  /** Returns the SVG document. */
  public static String write(Drawing drawing) {
    StringBuilder out = new StringBuilder();
    out.append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"")
        .append(drawing.width())
        .append("\" height=\"")
        .append(drawing.height())
        .append("\" viewBox=\"0 0 ")
        .append(drawing.width())
        .append(' ')
        .append(drawing.height())
        .append("\" font-family=\"")
        .append(FONTS)
        .append("\">\n<title>")
        .append(escaped(drawing.title()))
        .append("</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    for (Shape shape : drawing.shapes()) {
      append(shape, out);
    }
    return out.append("</svg>\n").toString();
  }

  private static void append(Shape shape, StringBuilder out) {
    if (shape instanceof Line line) {
      out.append("<path fill=\"none\" stroke-linejoin=\"round\"");
      attribute("stroke", line.color(), out);
      attribute("stroke-width", number(line.width()), out);
      if (line.dash() > 0) {
        attribute("stroke-dasharray", number(line.dash()), out);
      }
      attribute("d", path(line.points()), out);
      out.append("/>\n");
    } else if (shape instanceof Area area) {
      out.append("<path");
      attribute("fill", area.color(), out);
      attribute("d", path(area.corners()) + "Z", out);
      out.append("/>\n");
    } else if (shape instanceof Disc disc) {
      out.append("<circle");
      attribute("fill", disc.color(), out);
      attribute("cx", number(disc.x()), out);
      attribute("cy", number(disc.y()), out);
      attribute("r", number(disc.radius()), out);
      out.append("/>\n");
    } else if (shape instanceof Text text) {
      append(text, out);
    }
  }

  private static void append(Text text, StringBuilder out) {
    out.append("<text");
    String x = number(text.x());
    String y = number(text.y());
    attribute("x", x, out);
    attribute("y", y, out);
    attribute("font-size", number(text.size()), out);
    switch (text.anchor()) {
      case START -> {}
      case MIDDLE -> attribute("text-anchor", "middle", out);
      case END -> attribute("text-anchor", "end", out);
    }
    if (text.bold()) {
      attribute("font-weight", "bold", out);
    }
    if (!text.upright()) {
      attribute("transform", "rotate(-90 " + x + " " + y + ")", out);
    }
    out.append('>').append(escaped(text.text())).append("</text>\n");
  }

  private static String path(List<Point> points) {
    StringBuilder path = new StringBuilder();
    for (Point point : points) {
      path.append(path.isEmpty() ? 'M' : 'L')
          .append(number(point.x()))
          .append(' ')
          .append(number(point.y()));
    }
    return path.toString();
  }

  // All text and all values go through here and through escaped.
  private static void attribute(String name, String value, StringBuilder out) {
    out.append(' ').append(name).append("=\"").append(escaped(value)).append('"');
  }

  static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().forEach(c -> {
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        default -> out.appendCodePoint(allowed(c) ? c : 0xFFFD);
      }
    });
    return out.toString();
  }

  private static boolean allowed(int c) {
    return c == '\t'
        || c == '\n'
        || (c >= 0x20 && c <= 0xD7FF)
        || (c >= 0xE000 && c <= 0xFFFD)
        || c >= 0x10000;
  }

  private static String number(double value) {
    BigDecimal rounded = new BigDecimal(value).setScale(2, RoundingMode.HALF_EVEN);
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }
}
