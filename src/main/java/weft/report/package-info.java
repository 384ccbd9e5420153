/**
 * What has been found, on paper: HTML with pictures, Markdown, CSV and JSON.
 *
 * <p>May use: weft.picture, weft.text, weft.prove, weft.plan, weft.arch, weft.rule, weft.tensor, weft.io, weft.name.
 */
@NullMarked
package weft.report;

import org.jspecify.annotations.NullMarked;
