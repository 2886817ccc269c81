package dev.muster.examples.plot;

import dev.muster.examples.plot.Shape.Area;
import dev.muster.examples.plot.Shape.Disc;
import dev.muster.examples.plot.Shape.Line;
import dev.muster.examples.plot.Shape.Point;
import dev.muster.examples.plot.Shape.Text;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;

/** Writes a drawing as PNG with Java2D; it needs no display. Thread-safe. */
public final class PngWriter {
  private PngWriter() {}

  /**
   * Returns the PNG file.
   *
   * @param scale pixels of the image for each pixel of the drawing, 1 to 8
   * @throws IOException if this JDK cannot draw text, for example because no font is installed
   */
  public static byte[] write(Drawing drawing, int scale) throws IOException {
    if (scale < 1 || scale > 8) {
      throw new IllegalArgumentException("scale must be 1 to 8, got " + scale);
    }
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
    try {
      BufferedImage image = new BufferedImage(
          drawing.width() * scale, drawing.height() * scale, BufferedImage.TYPE_INT_RGB);
      draw(drawing, image, scale);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ImageIO.write(image, "png", out);
      return out.toByteArray();
    } catch (LinkageError | InternalError e) {
      throw new IOException("this JDK cannot draw text; install fontconfig and a font", e);
    }
  }

  private static void draw(Drawing drawing, BufferedImage image, int scale) {
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      graphics.setRenderingHint(
          RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
      graphics.scale(scale, scale);
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, drawing.width(), drawing.height());
      for (Shape shape : drawing.shapes()) {
        draw(shape, graphics);
      }
    } finally {
      graphics.dispose();
    }
  }

  private static void draw(Shape shape, Graphics2D graphics) {
    if (shape instanceof Line line) {
      graphics.setColor(Color.decode(line.color()));
      graphics.setStroke(stroke(line));
      graphics.draw(path(line.points()));
    } else if (shape instanceof Area area) {
      Path2D path = path(area.corners());
      path.closePath();
      graphics.setColor(Color.decode(area.color()));
      graphics.fill(path);
    } else if (shape instanceof Disc disc) {
      double r = disc.radius();
      graphics.setColor(Color.decode(disc.color()));
      graphics.fill(new Ellipse2D.Double(disc.x() - r, disc.y() - r, 2 * r, 2 * r));
    } else if (shape instanceof Text text) {
      draw(text, graphics);
    }
  }

  private static BasicStroke stroke(Line line) {
    float width = (float) line.width();
    float dash = (float) line.dash();
    return dash > 0
        ? new BasicStroke(
            width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {dash}, 0)
        : new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND);
  }

  private static void draw(Text text, Graphics2D graphics) {
    Font font = new Font(Font.SANS_SERIF, text.bold() ? Font.BOLD : Font.PLAIN, 1)
        .deriveFont((float) text.size());
    graphics.setColor(Color.BLACK);
    graphics.setFont(font);
    double width =
        font.getStringBounds(text.text(), graphics.getFontRenderContext()).getWidth();
    double shift = switch (text.anchor()) {
      case START -> 0;
      case MIDDLE -> -width / 2;
      case END -> -width;
    };
    AffineTransform before = graphics.getTransform();
    graphics.translate(text.x(), text.y());
    if (!text.upright()) {
      graphics.rotate(-Math.PI / 2);
    }
    graphics.drawString(text.text(), (float) shift, 0f);
    graphics.setTransform(before);
  }

  private static Path2D path(List<Point> points) {
    Path2D path = new Path2D.Double();
    for (Point point : points) {
      if (path.getCurrentPoint() == null) {
        path.moveTo(point.x(), point.y());
      } else {
        path.lineTo(point.x(), point.y());
      }
    }
    return path;
  }
}
