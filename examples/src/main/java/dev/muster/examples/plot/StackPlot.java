package dev.muster.examples.plot;

import dev.muster.examples.plot.Shape.Anchor;
import dev.muster.examples.plot.Shape.Area;
import dev.muster.examples.plot.Shape.Disc;
import dev.muster.examples.plot.Shape.Line;
import dev.muster.examples.plot.Shape.Point;
import dev.muster.examples.plot.Shape.Text;
import dev.muster.examples.stats.Histogram;
import java.util.ArrayList;
import java.util.List;

/**
 * A figure of data points over stacked simulation, with a fitted curve, a legend, and the ratio of data to simulation
 * below.
 *
 * <p>Immutable and thread-safe.
 *
 * @param title what it shows, for readers who cannot see it
 * @param heading stands above the frame, left
 * @param remark stands above the frame, right
 * @param xTitle the title of the x axis, with unit
 * @param yTitle the title of the y axis
 * @param data the data, unweighted
 * @param layers the simulation, the lowest layer first
 * @param curves curves in the upper panel
 * @param notes lines of text in the frame
 */
public record StackPlot(
    String title,
    String heading,
    String remark,
    String xTitle,
    String yTitle,
    Histogram data,
    List<StackLayer> layers,
    List<Curve> curves,
    List<String> notes) {
  private static final int WIDTH = 820;
  private static final int HEIGHT = 760;
  private static final double LEFT = 96;
  private static final double RIGHT = 796;
  private static final double TOP = 46;
  private static final double MIDDLE = 536;
  private static final double LOWER_TOP = 552;
  private static final double BOTTOM = 690;
  private static final double FONT = 17;
  private static final double TITLE_FONT = 19;
  private static final double LINE_HEIGHT = 25;

  public StackPlot {
    layers = List.copyOf(layers);
    curves = List.copyOf(curves);
    notes = List.copyOf(notes);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("a stack needs a layer");
    }
  }

  /** One layer of the stack. */
  public record StackLayer(String label, String color, Histogram histogram) {}

  /** A curve through points in the units of the axes. */
  public record Curve(String label, String color, double dash, List<Point> points) {
    public Curve {
      points = List.copyOf(points);
    }
  }

  /** Returns the figure. */
  public Drawing drawing() {
    List<Shape> shapes = new ArrayList<>();
    Histogram total = layers.get(0).histogram();
    for (StackLayer layer : layers.subList(1, layers.size())) {
      total = total.plus(layer.histogram());
    }
    upper(total, shapes);
    lower(total, shapes);
    labels(shapes);
    legend(shapes);
    return new Drawing(WIDTH, HEIGHT, title, shapes);
  }

  private Axis xAxis() {
    return new Axis(data.low(), data.high(), LEFT, RIGHT, false);
  }

  // Logarithmic: from below the smallest layer's mean to well above the highest bin, which leaves
  // room for the legend.
  private Axis yAxis(Histogram total) {
    double highest = Math.max(1, Math.max(total.maximum(), data.maximum()));
    double smallest = highest;
    for (StackLayer layer : layers) {
      double mean = layer.histogram().sum() / layer.histogram().bins();
      if (mean > 0) {
        smallest = Math.min(smallest, mean);
      }
    }
    double low = StrictMath.pow(10, Math.floor(StrictMath.log10(smallest / 1.5)));
    return new Axis(low, highest * StrictMath.pow(highest / low, 0.3), MIDDLE, TOP, true);
  }

  private double[] edges() {
    double[] edges = new double[data.bins() + 1];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = data.edge(i);
    }
    return edges;
  }

  private void upper(Histogram total, List<Shape> shapes) {
    Panel panel = new Panel(xAxis(), yAxis(total), shapes);
    double[] edges = edges();
    double[] below = new double[data.bins()];
    for (StackLayer layer : layers) {
      double[] above = below.clone();
      for (int bin = 0; bin < above.length; bin++) {
        above[bin] += layer.histogram().content(bin);
      }
      panel.steps(edges, below, above, layer.color());
      panel.outline(edges, above, Panel.GREY, 0.8);
      below = above;
    }
    for (int bin = 0; bin < total.bins(); bin++) {
      double content = total.content(bin);
      double error = total.uncertainty(bin);
      panel.hatch(edges[bin], edges[bin + 1], content - error, content + error);
    }
    for (Curve curve : curves) {
      panel.curve(curve.points(), curve.color(), 2.2, curve.dash());
    }
    for (int bin = 0; bin < data.bins(); bin++) {
      if (data.content(bin) > 0) {
        panel.measured(data.center(bin), data.content(bin), data.uncertainty(bin));
      }
    }
    panel.frame(6, 0, false, FONT);
  }

  private void lower(Histogram total, List<Shape> shapes) {
    Axis x = xAxis();
    Axis y = new Axis(0.4, 1.6, BOTTOM, LOWER_TOP, false);
    Panel panel = new Panel(x, y, shapes);
    for (int bin = 0; bin < total.bins(); bin++) {
      double expected = total.content(bin);
      if (expected > 0) {
        double error = total.uncertainty(bin) / expected;
        panel.hatch(data.edge(bin), data.edge(bin + 1), 1 - error, 1 + error);
      }
    }
    shapes.add(Line.between(LEFT, y.at(1), RIGHT, y.at(1), Panel.GREY, 1));
    for (int bin = 0; bin < total.bins(); bin++) {
      double expected = total.content(bin);
      if (expected > 0 && data.content(bin) > 0) {
        panel.measured(
            data.center(bin), data.content(bin) / expected, data.uncertainty(bin) / expected);
      }
    }
    panel.frame(6, 3, true, FONT);
  }

  private void labels(List<Shape> shapes) {
    shapes.add(new Text(LEFT, TOP - 12, heading, TITLE_FONT, Anchor.START, true, true));
    shapes.add(Text.plain(RIGHT, TOP - 12, remark, FONT, Anchor.END));
    shapes.add(Text.plain(RIGHT, BOTTOM + 54, xTitle, TITLE_FONT, Anchor.END));
    shapes.add(new Text(34, TOP, yTitle, TITLE_FONT, Anchor.END, false, false));
    shapes.add(new Text(
        34, (LOWER_TOP + BOTTOM) / 2, "Data / sim.", TITLE_FONT, Anchor.MIDDLE, false, false));
    for (int i = 0; i < notes.size(); i++) {
      shapes.add(
          Text.plain(LEFT + 24, TOP + 36 + i * LINE_HEIGHT, notes.get(i), FONT, Anchor.START));
    }
  }

  private void legend(List<Shape> shapes) {
    double symbol = RIGHT - 232;
    double text = symbol + 48;
    double y = TOP + 36;
    double middle = symbol + 18;
    shapes.add(Line.between(middle, y - 15, middle, y + 3, Panel.BLACK, 1.3));
    shapes.add(new Disc(middle, y - 6, 3.1, Panel.BLACK));
    shapes.add(Text.plain(text, y, "Data", FONT, Anchor.START));
    for (int i = layers.size() - 1; i >= 0; i--) {
      y += LINE_HEIGHT;
      shapes.add(
          Area.rectangle(symbol, y - 13, symbol + 36, y + 1, layers.get(i).color()));
      box(symbol, y, shapes);
      shapes.add(Text.plain(text, y, layers.get(i).label(), FONT, Anchor.START));
    }
    y += LINE_HEIGHT;
    Panel.hatchPixels(symbol, symbol + 36, y - 13, y + 1, shapes);
    box(symbol, y, shapes);
    shapes.add(Text.plain(text, y, "Stat. uncertainty", FONT, Anchor.START));
    for (Curve curve : curves) {
      y += LINE_HEIGHT;
      List<Point> line = List.of(new Point(symbol, y - 6), new Point(symbol + 36, y - 6));
      shapes.add(new Line(line, curve.color(), 2.2, curve.dash()));
      shapes.add(Text.plain(text, y, curve.label(), FONT, Anchor.START));
    }
  }

  private static void box(double left, double y, List<Shape> shapes) {
    List<Point> corners = List.of(
        new Point(left, y + 1),
        new Point(left, y - 13),
        new Point(left + 36, y - 13),
        new Point(left + 36, y + 1),
        new Point(left, y + 1));
    shapes.add(new Line(corners, Panel.GREY, 0.8, 0));
  }
}
