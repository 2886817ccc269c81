package dev.muster.internal.operation;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A modifier that runs inside the Python process of its stage. Immutable and thread-safe.
 *
 * @param name its name
 * @param impl {@code module:Class}
 * @param params its parameters
 */
record PythonModifier(String name, String impl, Map<String, @Nullable Object> params) {}
