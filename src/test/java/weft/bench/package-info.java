/** What is slow and how slow: run by hand or by {@code mvn -P bench verify}, never by a test. */
@NullMarked
package weft.bench;

import org.jspecify.annotations.NullMarked;
