/**
 * The user's code, for workers that see this host's folders and for those to which it is sent. The entry type is {@link
 * dev.muster.batch.internal.usercode.UserCode}.
 */
@NullMarked
package dev.muster.batch.internal.usercode;

import org.jspecify.annotations.NullMarked;
