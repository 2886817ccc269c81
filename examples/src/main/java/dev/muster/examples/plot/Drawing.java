package dev.muster.examples.plot;

import java.util.List;

/**
 * A figure: shapes from back to front. {@link SvgWriter} and {@link PngWriter} draw the same one.
 *
 * <p>Immutable and thread-safe.
 *
 * @param width in pixels
 * @param height in pixels
 * @param title what it shows, for readers who cannot see it
 * @param shapes from back to front
 */
public record Drawing(int width, int height, String title, List<Shape> shapes) {
  public Drawing {
    shapes = List.copyOf(shapes);
  }
}
