/**
 * The window, and the only room that imports JavaFX: a model, a view builder and a controller for each part.
 * The models outlive the views, which {@link weft.ui.MainView} builds anew with the language or the size of text: what
 * somebody typed and hasn't given yet is in {@link weft.ui.model.Drafts}. A view looks at a model by
 * {@link weft.ui.Watch} only, so that it is let go and does nothing while nobody sees it.
 *
 * <p>May use: weft.work, weft.text, weft.picture, and of weft.plan, weft.rule, weft.arch, weft.tensor, weft.infer,
 * weft.prove and weft.io the data only (records, enums, sealed types), never what computes them.
 */
@NullMarked
package weft.ui;

import org.jspecify.annotations.NullMarked;
