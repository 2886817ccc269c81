package dev.muster.examples.dimuon;

import dev.muster.examples.physics.Particles;
import dev.muster.examples.stats.PeakFit;
import dev.muster.examples.stats.PeakFitResult;
import dev.muster.examples.stats.PeakModel;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Fits the Z peak in the data: a {@link PeakFitResult}. Writes {@code fit.json}.
 *
 * <p>Reads a {@link MassSpectrum}. Parameters: {@code low} and {@code high}, the fitted range in GeV (default 70 and
 * 110); {@code width}, the natural width in GeV, which is not fitted (default that of the Z). Thread-safe.
 */
final class FitPeak implements Operation {
  @Override
  public PeakFitResult run(OperationContext context) throws IOException {
    String input = context.inputNames().iterator().next();
    MassSpectrum spectrum = context.input(input, MassSpectrum.class);
    PeakFitResult fit = PeakFit.fit(
        spectrum.data(),
        context.param("low", 70.0),
        context.param("high", 110.0),
        context.param("width", Particles.Z_WIDTH));
    Files.writeString(context.outputDirectory().resolve("fit.json"), json(fit));
    context.diagnostic("mass_gev", fit.model().mean());
    context.log(String.format(
        Locale.ROOT,
        "mass %.3f +- %.3f GeV, resolution %.3f +- %.3f GeV, chi2/ndf %.1f/%d",
        fit.model().mean(),
        fit.uncertainty().mean(),
        fit.model().sigma(),
        fit.uncertainty().sigma(),
        fit.chiSquare(),
        fit.degreesOfFreedom()));
    return fit;
  }

  static String json(PeakFitResult fit) {
    PeakModel model = fit.model();
    PeakModel error = fit.uncertainty();
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("mass_gev", value(model.mean(), error.mean()));
    parameters.put("resolution_gev", value(model.sigma(), error.sigma()));
    parameters.put("signal_events", value(model.signal(), error.signal()));
    parameters.put("background_per_gev", value(model.background(), error.background()));
    parameters.put("background_slope_per_gev", value(model.slope(), error.slope()));
    StringJoiner lines = new StringJoiner(",\n", "{\n", "\n}\n");
    parameters.forEach((name, value) -> lines.add("  \"" + name + "\": " + value));
    lines.add("  \"natural_width_gev\": " + number(model.gamma()));
    lines.add("  \"background_reference_gev\": " + number(model.middle()));
    lines.add("  \"chi_square\": " + number(fit.chiSquare()));
    lines.add("  \"degrees_of_freedom\": " + fit.degreesOfFreedom());
    lines.add("  \"range_gev\": [" + number(fit.low()) + ", " + number(fit.high()) + "]");
    return lines.toString();
  }

  private static String value(double value, double uncertainty) {
    return "{\"value\": " + number(value) + ", \"uncertainty\": " + number(uncertainty) + "}";
  }

  // Ten digits, written the same by every JDK.
  private static String number(double value) {
    return new BigDecimal(value).round(new MathContext(10)).stripTrailingZeros().toPlainString();
  }
}
