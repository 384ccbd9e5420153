/**
 * Rules and the operations they are made of, each with its shape law, inverse and index map; rule sets as
 * JSON and as arrow text.
 *
 * <p>May use: weft.tensor, weft.io, weft.name.
 */
@NullMarked
package weft.rule;

import org.jspecify.annotations.NullMarked;
