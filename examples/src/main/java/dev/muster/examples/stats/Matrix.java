package dev.muster.examples.stats;

import org.jspecify.annotations.Nullable;

/** Small symmetric matrices. Thread-safe. */
final class Matrix {
  private Matrix() {}

  /**
   * Returns the inverse of a positive definite matrix by Cholesky's factorisation, or null if it is not positive
   * definite.
   */
  static double @Nullable [][] inverse(double[][] matrix) {
    int size = matrix.length;
    double[][] lower = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = matrix[i][j];
        for (int k = 0; k < j; k++) {
          sum -= lower[i][k] * lower[j][k];
        }
        if (i != j) {
          lower[i][j] = sum / lower[j][j];
        } else if (sum > 0) {
          lower[i][i] = Math.sqrt(sum);
        } else {
          return null;
        }
      }
    }
    double[][] inverse = new double[size][size];
    for (int column = 0; column < size; column++) {
      double[] x = new double[size];
      for (int i = 0; i < size; i++) {
        double sum = i == column ? 1 : 0;
        for (int k = 0; k < i; k++) {
          sum -= lower[i][k] * x[k];
        }
        x[i] = sum / lower[i][i];
      }
      for (int i = size - 1; i >= 0; i--) {
        double sum = x[i];
        for (int k = i + 1; k < size; k++) {
          sum -= lower[k][i] * x[k];
        }
        x[i] = sum / lower[i][i];
        inverse[i][column] = x[i];
      }
    }
    return inverse;
  }

  /** Returns a matrix times a vector. */
  static double[] times(double[][] matrix, double[] vector) {
    double[] product = new double[vector.length];
    for (int i = 0; i < vector.length; i++) {
      for (int j = 0; j < vector.length; j++) {
        product[i] += matrix[i][j] * vector[j];
      }
    }
    return product;
  }
}
