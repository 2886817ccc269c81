/** What a run leaves on disk as it goes: the journal of its events, and the log for people. */
@NullMarked
package dev.muster.internal.journal;

import org.jspecify.annotations.NullMarked;
