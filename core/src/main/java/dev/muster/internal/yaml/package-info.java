/**
 * The workflow language: YAML text to a located tree, the tree to the model, and the model back to text. Start at
 * {@link dev.muster.internal.yaml.WorkflowLoader}.
 */
@NullMarked
package dev.muster.internal.yaml;

import org.jspecify.annotations.NullMarked;
