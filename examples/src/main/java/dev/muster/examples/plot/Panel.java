package dev.muster.examples.plot;

import dev.muster.examples.plot.Shape.Anchor;
import dev.muster.examples.plot.Shape.Area;
import dev.muster.examples.plot.Shape.Disc;
import dev.muster.examples.plot.Shape.Line;
import dev.muster.examples.plot.Shape.Point;
import dev.muster.examples.plot.Shape.Text;
import java.util.ArrayList;
import java.util.List;

/** A frame with two axes, and what can be drawn in it. Not thread-safe. */
final class Panel {
  static final String BLACK = "#000000";
  static final String GREY = "#555555";

  private static final double LONG_TICK = 10;
  private static final double SHORT_TICK = 5;
  private static final double HATCH_DISTANCE = 5;

  private final Axis x;
  private final Axis y;
  private final List<Shape> shapes;

  /** Creates a panel that adds its shapes to {@code shapes}. */
  Panel(Axis x, Axis y, List<Shape> shapes) {
    this.x = x;
    this.y = y;
    this.shapes = shapes;
  }

  /** Fills between two values from one edge to the next, bin after bin. */
  void steps(double[] edges, double[] lower, double[] upper, String color) {
    List<Point> corners = new ArrayList<>();
    for (int i = 0; i < upper.length; i++) {
      corners.add(point(edges[i], upper[i]));
      corners.add(point(edges[i + 1], upper[i]));
    }
    for (int i = lower.length - 1; i >= 0; i--) {
      corners.add(point(edges[i + 1], lower[i]));
      corners.add(point(edges[i], lower[i]));
    }
    shapes.add(new Area(corners, color));
  }

  /** Draws the outline of a histogram. */
  void outline(double[] edges, double[] values, String color, double width) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      points.add(point(edges[i], values[i]));
      points.add(point(edges[i + 1], values[i]));
    }
    shapes.add(new Line(points, color, width, 0));
  }

  /** Hatches the area between two values from one edge to the next. */
  void hatch(double left, double right, double lower, double upper) {
    hatchPixels(x.at(left), x.at(right), y.at(upper), y.at(lower), shapes);
  }

  // Lines at 45 degrees, x + y = const, cut off at the borders of the rectangle; neighbouring
  // rectangles join.
  static void hatchPixels(
      double left, double right, double top, double bottom, List<Shape> shapes) {
    double first = Math.ceil((left + top) / HATCH_DISTANCE) * HATCH_DISTANCE;
    for (double sum = first; sum < right + bottom; sum += HATCH_DISTANCE) {
      double startX = Math.max(left, sum - bottom);
      double endX = Math.min(right, sum - top);
      if (startX < endX) {
        shapes.add(Line.between(startX, sum - startX, endX, sum - endX, GREY, 0.9));
      }
    }
  }

  /**
   * Draws a measured value with its uncertainty; a bar that leaves the frame ends there, a point outside is left out.
   */
  void measured(double value, double at, double uncertainty) {
    if (at + uncertainty < y.low() || at - uncertainty > y.high()) {
      return;
    }
    double pixel = x.at(value);
    shapes.add(
        Line.between(pixel, y.at(at - uncertainty), pixel, y.at(at + uncertainty), BLACK, 1.3));
    if (y.contains(at)) {
      shapes.add(new Disc(pixel, y.at(at), 3.1, BLACK));
    }
  }

  /** Draws a curve; parts beyond the ends of the axis are left out. */
  void curve(List<Point> values, String color, double width, double dash) {
    List<Point> points = new ArrayList<>();
    for (Point value : values) {
      if (x.contains(value.x()) && y.contains(value.y())) {
        points.add(point(value.x(), value.y()));
      }
    }
    if (points.size() > 1) {
      shapes.add(new Line(points, color, width, dash));
    }
  }

  /** Draws the frame, and ticks on all four sides. */
  void frame(int xCount, int yCount, boolean xLabels, double fontSize) {
    double left = x.from();
    double right = x.to();
    double bottom = y.from();
    double top = y.to();
    for (Axis.Tick tick : x.ticks(xCount)) {
      double at = x.at(tick.value());
      double length = tick.major() ? LONG_TICK : SHORT_TICK;
      shapes.add(Line.between(at, bottom, at, bottom - length, BLACK, 1.2));
      shapes.add(Line.between(at, top, at, top + length, BLACK, 1.2));
      if (xLabels && tick.major()) {
        shapes.add(Text.plain(at, bottom + fontSize + 6, tick.label(), fontSize, Anchor.MIDDLE));
      }
    }
    for (Axis.Tick tick : y.ticks(yCount)) {
      double at = y.at(tick.value());
      double length = tick.major() ? LONG_TICK : SHORT_TICK;
      shapes.add(Line.between(left, at, left + length, at, BLACK, 1.2));
      shapes.add(Line.between(right, at, right - length, at, BLACK, 1.2));
      if (tick.major()) {
        shapes.add(Text.plain(left - 8, at + 0.36 * fontSize, tick.label(), fontSize, Anchor.END));
      }
    }
    shapes.add(new Line(
        List.of(
            new Point(left, bottom),
            new Point(left, top),
            new Point(right, top),
            new Point(right, bottom),
            new Point(left, bottom),
            new Point(left, top)),
        BLACK,
        1.6,
        0));
  }

  private Point point(double valueX, double valueY) {
    return new Point(x.at(valueX), y.at(valueY));
  }
}
