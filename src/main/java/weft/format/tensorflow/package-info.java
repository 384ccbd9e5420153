/** TensorFlow's checkpoints: V2 tensor bundles, V1 tables, SavedModel folders and frozen graphs. */
@NullMarked
package weft.format.tensorflow;

import org.jspecify.annotations.NullMarked;
