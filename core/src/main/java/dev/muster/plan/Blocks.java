package dev.muster.plan;

/** Numbers that are laid out in blocks, one after the other, some of them empty. */
final class Blocks {
  private Blocks() {}

  /**
   * Returns the block of a number.
   *
   * @param offsets the first number of each block, and behind the last block the number of all
   * @param number 0 or more, and less than the number of all
   */
  static int blockOf(int[] offsets, int number) {
    int low = 0;
    int high = offsets.length - 2;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (offsets[middle] <= number) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
