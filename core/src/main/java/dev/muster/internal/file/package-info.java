/**
 * Files and folders that other users of the machine can neither change nor lead elsewhere. The entry type is {@link
 * dev.muster.internal.file.OwnFiles}.
 */
@NullMarked
package dev.muster.internal.file;

import org.jspecify.annotations.NullMarked;
