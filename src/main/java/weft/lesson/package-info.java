/**
 * Lessons: files that teachers write, and the checks that tell whether a task is done. A check looks at what a person
 * has on the table and computes nothing that the use cases don't.
 *
 * <p>May use: weft.work and weft.name, and the data of weft.plan, weft.rule, weft.arch, weft.tensor, weft.io.
 */
@NullMarked
package weft.lesson;

import org.jspecify.annotations.NullMarked;
