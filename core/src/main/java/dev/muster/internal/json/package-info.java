/** Values as JSON between processes: {@link dev.muster.internal.json.Wire}. The Dask backend uses it, too, so that both say and refuse the same. */
@NullMarked
package dev.muster.internal.json;

import org.jspecify.annotations.NullMarked;
