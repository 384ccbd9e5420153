/**
 * Keras and plain HDF5, read with jHDF: {@code .h5}, {@code .weights.h5} and the {@code .keras} archive.
 *
 * <p>May use: weft.format, weft.tensor, weft.io, weft.name, io.jhdf; never another format.
 */
@NullMarked
package weft.format.keras;

import org.jspecify.annotations.NullMarked;
