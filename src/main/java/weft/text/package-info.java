/**
 * The only room with sentences: codes and their arguments become English or Chinese; numbers as people read them.
 *
 * <p>May use: weft.io.
 */
@NullMarked
package weft.text;

import org.jspecify.annotations.NullMarked;
