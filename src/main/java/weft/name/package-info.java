/**
 * Names of tensors: patterns with captures, and the natural order in which layer 2 comes before layer 10.
 *
 * <p>Uses nothing but the JDK.
 */
@NullMarked
package weft.name;

import org.jspecify.annotations.NullMarked;
