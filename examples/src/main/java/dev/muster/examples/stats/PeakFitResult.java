package dev.muster.examples.stats;

/**
 * What a fit found.
 *
 * <p>Immutable and thread-safe.
 *
 * @param model the best parameters
 * @param uncertainty their statistical uncertainties, parameter by parameter
 * @param chiSquare how far data and model are apart
 * @param degreesOfFreedom bins less parameters
 * @param low where the fitted range begins, in GeV
 * @param high where it ends, in GeV
 * @param binWidth the width of the bins that were fitted, in GeV
 */
public record PeakFitResult(
    PeakModel model,
    PeakModel uncertainty,
    double chiSquare,
    int degreesOfFreedom,
    double low,
    double high,
    double binWidth) {}
