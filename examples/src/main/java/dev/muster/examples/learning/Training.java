package dev.muster.examples.learning;

import dev.muster.examples.physics.RandomStream;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Trains a {@link Network} by stochastic gradient descent (Adam). The same input gives the same network, bit by bit.
 * Not thread-safe inside; the static method is.
 */
public final class Training {
  private static final double FIRST_MOMENT = 0.9;
  private static final double SECOND_MOMENT = 0.999;
  private static final int BATCH = 64;

  private final int inputs;
  private final double[] weights;
  private final double[] gradient;
  private final double[] average;
  private final double[] squares;
  private final double[] activations;
  private int updates;

  private Training(int inputs, Settings settings, RandomStream random) {
    this.inputs = inputs;
    weights = new double[Network.weightCount(inputs, settings.hidden())];
    gradient = new double[weights.length];
    average = new double[weights.length];
    squares = new double[weights.length];
    activations = new double[settings.hidden()];
    double spread = Math.sqrt(2.0 / inputs);
    for (int i = 0; i < weights.length - 1; i++) {
      int place = i % (inputs + 2);
      weights[i] = place == inputs ? 0 : spread * random.gaussian();
    }
  }

  /**
   * How to train.
   *
   * @param hidden hidden units, 1 or more
   * @param epochs how often each example is used, 1 or more
   * @param rate the first learning rate; it falls to a tenth towards the end
   * @param seed the seed of weights and order
   */
  public record Settings(int hidden, int epochs, double rate, long seed) {
    public Settings {
      if (hidden < 1 || epochs < 1 || !(rate > 0)) {
        throw new IllegalArgumentException(
            "hidden and epochs must be 1 or more and rate above 0, got " + hidden + ", " + epochs
                + ", " + rate);
      }
    }
  }

  /**
   * Trains a network on as many examples of signal as of background.
   *
   * @param signal features of signal events
   * @param background features of background events
   * @param stop asked now and then; if it says true, training ends early
   * @throws IllegalArgumentException if one of them is empty
   */
  public static Network train(
      List<double[]> signal, List<double[]> background, Settings settings, BooleanSupplier stop) {
    if (signal.isEmpty() || background.isEmpty()) {
      throw new IllegalArgumentException("training needs signal and background, got "
          + signal.size() + " and " + background.size() + " events");
    }
    int each = Math.min(signal.size(), background.size());
    double[][] examples = new double[2 * each][];
    for (int i = 0; i < each; i++) {
      examples[2 * i] = signal.get(i);
      examples[2 * i + 1] = background.get(i);
    }
    int inputs = examples[0].length;
    double[] mean = new double[inputs];
    double[] scale = new double[inputs];
    standardise(examples, mean, scale);

    RandomStream random = new RandomStream(settings.seed());
    Training training = new Training(inputs, settings, random);
    int[] order = new int[examples.length];
    Arrays.setAll(order, i -> i);
    double[] input = new double[inputs];
    for (int epoch = 0; epoch < settings.epochs() && !stop.getAsBoolean(); epoch++) {
      shuffle(order, random);
      double rate = settings.rate() * (1 - 0.9 * epoch / settings.epochs());
      for (int i = 0; i < order.length; i++) {
        double[] example = examples[order[i]];
        for (int k = 0; k < inputs; k++) {
          input[k] = (example[k] - mean[k]) * scale[k];
        }
        training.learn(input, order[i] % 2 == 0 ? 1 : 0);
        if ((i + 1) % BATCH == 0) {
          training.update(rate);
        }
      }
    }
    return new Network(settings.hidden(), mean, scale, training.weights);
  }

  private static void standardise(double[][] examples, double[] mean, double[] scale) {
    for (double[] example : examples) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += example[i] / examples.length;
      }
    }
    for (double[] example : examples) {
      for (int i = 0; i < mean.length; i++) {
        scale[i] += (example[i] - mean[i]) * (example[i] - mean[i]) / examples.length;
      }
    }
    for (int i = 0; i < mean.length; i++) {
      scale[i] = scale[i] > 0 ? 1 / Math.sqrt(scale[i]) : 1;
    }
  }

  private static void shuffle(int[] order, RandomStream random) {
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.below(i + 1);
      int item = order[i];
      order[i] = order[other];
      order[other] = item;
    }
  }

  // Adds the gradient of the cross entropy for one example.
  private void learn(double[] input, double truth) {
    double sum = weights[weights.length - 1];
    int at = 0;
    for (int unit = 0; unit < activations.length; unit++) {
      double activation = weights[at + inputs];
      for (int i = 0; i < inputs; i++) {
        activation += weights[at + i] * input[i];
      }
      activations[unit] = Math.max(0, activation);
      sum += weights[at + inputs + 1] * activations[unit];
      at += inputs + 2;
    }
    double error = Network.sigmoid(sum) - truth;
    gradient[weights.length - 1] += error;
    at = 0;
    for (double activation : activations) {
      if (activation > 0) {
        double back = error * weights[at + inputs + 1];
        for (int i = 0; i < inputs; i++) {
          gradient[at + i] += back * input[i];
        }
        gradient[at + inputs] += back;
        gradient[at + inputs + 1] += error * activation;
      }
      at += inputs + 2;
    }
  }

  private void update(double rate) {
    updates++;
    double firstBias = 1 - StrictMath.pow(FIRST_MOMENT, updates);
    double secondBias = 1 - StrictMath.pow(SECOND_MOMENT, updates);
    for (int i = 0; i < weights.length; i++) {
      double slope = gradient[i] / BATCH;
      average[i] = FIRST_MOMENT * average[i] + (1 - FIRST_MOMENT) * slope;
      squares[i] = SECOND_MOMENT * squares[i] + (1 - SECOND_MOMENT) * slope * slope;
      weights[i] -= rate * (average[i] / firstBias) / (Math.sqrt(squares[i] / secondBias) + 1e-8);
      gradient[i] = 0;
    }
  }
}
