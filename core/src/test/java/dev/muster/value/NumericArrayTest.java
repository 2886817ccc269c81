package dev.muster.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;

class NumericArrayTest {
  @Test
  void holdsWhatItWasMadeOf() {
    NumericArray doubles = NumericArray.of(0.5, -2);
    assertThat(doubles.type()).isEqualTo(NumericArray.Type.FLOAT64);
    assertThat(doubles.shape()).containsExactly(2);
    assertThat(doubles.toDoubles()).containsExactly(0.5, -2);
    assertThat(NumericArray.of(1L, -1L).toLongs()).containsExactly(1, -1);
    assertThat(doubles)
        .isEqualTo(NumericArray.of(0.5, -2))
        .hasSameHashCodeAs(NumericArray.of(0.5, -2))
        .isNotEqualTo(NumericArray.of(0.5, -2.5))
        .hasToString("NumericArray(float64, [2])");
  }

  @Test
  void readsEachTypeAsWhatItIs() {
    byte[] data = {-1, -1, -1, -1, -1, -1, -1, -1};
    assertThat(of(NumericArray.Type.INT8, 8, data).toLongs()).containsOnly(-1);
    assertThat(of(NumericArray.Type.UINT8, 8, data).toDoubles()).containsOnly(255);
    assertThat(of(NumericArray.Type.INT16, 4, data).toLongs()).containsOnly(-1);
    assertThat(of(NumericArray.Type.UINT16, 4, data).toLongs()).containsOnly(65535);
    assertThat(of(NumericArray.Type.INT32, 2, data).toLongs()).containsOnly(-1);
    assertThat(of(NumericArray.Type.UINT32, 2, data).toDoubles()).containsOnly(4294967295.0);
    assertThat(of(NumericArray.Type.INT64, 1, data).toLongs()).containsOnly(-1);
    assertThat(of(NumericArray.Type.FLOAT32, 2, data).toDoubles()).containsOnly(Double.NaN);
    assertThat(of(NumericArray.Type.BOOL, 2, new byte[] {0, 1}).toLongs()).containsExactly(0, 1);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> of(NumericArray.Type.UINT64, 1, data).toLongs())
        .withMessageContaining("18446744073709551615");
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> NumericArray.of(1L).toDoubles());
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> NumericArray.of(1.0).toLongs());
  }

  @Test
  void refusesDataOfAnotherLength() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> of(NumericArray.Type.INT16, 2, new byte[3]))
        .withMessageContaining("takes 4 bytes, got 3");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> NumericArray.of(NumericArray.Type.INT8, List.of(), new byte[1]));
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> of(NumericArray.Type.INT8, -1, new byte[1]));
  }

  private static NumericArray of(NumericArray.Type type, int length, byte[] data) {
    return NumericArray.of(type, List.of(length), data);
  }
}
