package dev.muster.examples.learning;

/**
 * A neural network with one hidden layer of rectified linear units that tells two classes apart.
 *
 * <p>Immutable and thread-safe.
 */
public final class Network {
  final int inputs;
  final int hidden;
  final double[] mean;
  final double[] scale;
  // For each hidden unit: its weights, its bias, its weight in the output. Last of all the output's
  // bias.
  final double[] weights;

  Network(int hidden, double[] mean, double[] scale, double[] weights) {
    this.inputs = mean.length;
    this.hidden = hidden;
    this.mean = mean.clone();
    this.scale = scale.clone();
    this.weights = weights.clone();
  }

  static int weightCount(int inputs, int hidden) {
    return hidden * (inputs + 2) + 1;
  }

  /**
   * Returns how much an event looks like signal, from 0 to 1.
   *
   * @throws IllegalArgumentException if the number of features is not that of the training
   */
  public double score(double[] features) {
    if (features.length != inputs) {
      throw new IllegalArgumentException(
          "the network was trained on " + inputs + " features, got " + features.length);
    }
    double sum = weights[weights.length - 1];
    int at = 0;
    for (int unit = 0; unit < hidden; unit++) {
      double activation = weights[at + inputs];
      for (int i = 0; i < inputs; i++) {
        activation += weights[at + i] * (features[i] - mean[i]) * scale[i];
      }
      if (activation > 0) {
        sum += weights[at + inputs + 1] * activation;
      }
      at += inputs + 2;
    }
    return sigmoid(sum);
  }

  static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }
}
