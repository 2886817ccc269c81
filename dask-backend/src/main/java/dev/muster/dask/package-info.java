/** The backend {@code dask}: tasks run on Dask workers. Start at {@link dev.muster.dask.DaskBackend}. */
@NullMarked
package dev.muster.dask;

import org.jspecify.annotations.NullMarked;
