/**
 * Families, dialects and architectures: what a model's parameters are called and how they are laid out;
 * recognising them; config files, listings and pasted error logs.
 *
 * <p>May use: weft.tensor, weft.io, weft.name.
 */
@NullMarked
package weft.arch;

import org.jspecify.annotations.NullMarked;
