/**
 * Where Weft starts: looks at the command line, wires the parts by hand and hands over to a face.
 *
 * <p>May use: weft.cli, weft.ui, weft.work.
 */
@NullMarked
package weft.app;

import org.jspecify.annotations.NullMarked;
