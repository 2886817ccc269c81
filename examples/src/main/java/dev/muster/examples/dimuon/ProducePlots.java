package dev.muster.examples.dimuon;

import dev.muster.examples.dimuon.MassSpectrum.Sample;
import dev.muster.examples.plot.Drawing;
import dev.muster.examples.plot.PngWriter;
import dev.muster.examples.plot.Shape.Point;
import dev.muster.examples.plot.StackPlot;
import dev.muster.examples.plot.StackPlot.Curve;
import dev.muster.examples.plot.StackPlot.StackLayer;
import dev.muster.examples.plot.SvgWriter;
import dev.muster.examples.stats.PeakFitResult;
import dev.muster.value.FileRef;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * Draws the dimuon mass: {@code dimuon.svg} and {@code dimuon.png}, as the named outputs {@code svg} and {@code png}.
 * On a JDK that cannot draw text there is no PNG, and the log says why.
 *
 * <p>Reads a {@link MassSpectrum} as {@code spectrum} and a {@link PeakFitResult} as {@code fit}. Parameters:
 * {@code heading} and {@code remark}, texts above the frame. Thread-safe.
 */
final class ProducePlots implements Operation {
  private static final String FIT_COLOR = "#C8102E";
  private static final int CURVE_POINTS = 320;

  @Override
  public Map<String, FileRef> run(OperationContext context) throws IOException {
    MassSpectrum spectrum = context.input("spectrum", MassSpectrum.class);
    PeakFitResult fit = context.input("fit", PeakFitResult.class);
    Drawing drawing = plot(
            spectrum, fit, context.param("heading", "Muster"), context.param("remark", ""))
        .drawing();
    Map<String, FileRef> files = new LinkedHashMap<>();
    Path svg = context.outputDirectory().resolve("dimuon.svg");
    Files.writeString(svg, SvgWriter.write(drawing));
    files.put("svg", FileRef.of(svg));
    byte[] image;
    try {
      image = PngWriter.write(drawing, 2);
    } catch (IOException e) {
      context.log("no PNG: " + e.getMessage());
      return files;
    }
    Path png = context.outputDirectory().resolve("dimuon.png");
    Files.write(png, image);
    files.put("png", FileRef.of(png));
    return files;
  }

  static StackPlot plot(MassSpectrum spectrum, PeakFitResult fit, String heading, String remark) {
    List<Sample> smallestFirst = new ArrayList<>(spectrum.simulation());
    smallestFirst.sort(Comparator.comparingDouble(sample -> sample.masses().sum()));
    List<StackLayer> layers = new ArrayList<>();
    for (Sample sample : smallestFirst) {
      layers.add(new StackLayer(sample.label(), sample.color(), sample.masses()));
    }
    List<Curve> curves = List.of(
        curve("Fit to data", 0, fit, fit.model()::density),
        curve("Fit: background", 6, fit, fit.model()::backgroundDensity));
    List<String> notes = List.of(
        "Voigt + exponential",
        "m = " + value(fit.model().mean(), fit.uncertainty().mean()) + " GeV",
        "σ = " + value(fit.model().sigma(), fit.uncertainty().sigma()) + " GeV",
        "χ² / ndf = " + fixed(fit.chiSquare(), 1) + " / " + fit.degreesOfFreedom());
    String luminosity = fixed(spectrum.luminosity(), 0) + " pb⁻¹";
    return new StackPlot(
        "Invariant mass of muon pairs, " + fixed(spectrum.data().sum(), 0) + " events",
        heading,
        remark.isEmpty() ? luminosity : remark + ", " + luminosity,
        "m(μμ) [GeV]",
        "Events / " + plain(spectrum.data().binWidth()) + " GeV",
        spectrum.data(),
        layers,
        curves,
        notes);
  }

  private static Curve curve(
      String label, double dash, PeakFitResult fit, DoubleUnaryOperator density) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i <= CURVE_POINTS; i++) {
      double mass = fit.low() + (fit.high() - fit.low()) * i / CURVE_POINTS;
      points.add(new Point(mass, density.applyAsDouble(mass) * fit.binWidth()));
    }
    return new Curve(label, FIT_COLOR, dash, points);
  }

  // The uncertainty with two digits, the value with as many decimals.
  static String value(double value, double uncertainty) {
    int decimals =
        uncertainty > 0 ? Math.max(0, 1 - (int) Math.floor(StrictMath.log10(uncertainty))) : 3;
    return fixed(value, decimals) + " ± " + fixed(uncertainty, decimals);
  }

  private static String fixed(double value, int decimals) {
    return new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
  }

  private static String plain(double value) {
    BigDecimal rounded = new BigDecimal(value).setScale(3, RoundingMode.HALF_EVEN);
    return rounded.stripTrailingZeros().toPlainString();
  }
}
