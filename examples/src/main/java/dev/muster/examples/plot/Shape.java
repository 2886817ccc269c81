package dev.muster.examples.plot;

import java.util.List;

/**
 * One thing to draw. Coordinates are pixels from the upper left corner; colours are written {@code #rrggbb}.
 *
 * <p>Immutable and thread-safe.
 */
public sealed interface Shape {
  /** A point. */
  record Point(double x, double y) {}

  /**
   * An open line through points.
   *
   * @param dash the length of dashes and of the gaps between them, or 0 for a full line
   */
  record Line(List<Point> points, String color, double width, double dash) implements Shape {
    public Line {
      points = List.copyOf(points);
    }

    /** Returns a full line between two points. */
    public static Line between(
        double x1, double y1, double x2, double y2, String color, double width) {
      return new Line(List.of(new Point(x1, y1), new Point(x2, y2)), color, width, 0);
    }
  }

  /** A filled polygon. */
  record Area(List<Point> corners, String color) implements Shape {
    public Area {
      corners = List.copyOf(corners);
    }

    /** Returns a rectangle. */
    public static Area rectangle(double x1, double y1, double x2, double y2, String color) {
      return new Area(
          List.of(new Point(x1, y1), new Point(x2, y1), new Point(x2, y2), new Point(x1, y2)),
          color);
    }
  }

  /** A filled disc. */
  record Disc(double x, double y, double radius, String color) implements Shape {}

  /**
   * A line of text.
   *
   * @param x where the anchor is
   * @param y the base line
   * @param size the font size in pixels
   * @param upright false for text that reads from bottom to top
   */
  record Text(
      double x, double y, String text, double size, Anchor anchor, boolean bold, boolean upright)
      implements Shape {
    /** Returns plain text. */
    public static Text plain(double x, double y, String text, double size, Anchor anchor) {
      return new Text(x, y, text, size, anchor, false, true);
    }
  }

  /** Which part of a text is at its position. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }
}
