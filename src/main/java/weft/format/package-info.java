/**
 * What every checkpoint format answers (can you read this, open, write) and how one is found. Each format has
 * a room of its own below this one.
 *
 * <p>May use: weft.tensor, weft.io, weft.name; never one of the formats, which are found as services.
 */
@NullMarked
package weft.format;

import org.jspecify.annotations.NullMarked;
