package weft.rule;

import java.util.OptionalLong;

/** Where the names in a rule's sizes are looked up: the rule file's dims, then the target's, then the source's. */
@FunctionalInterface
public interface Sizes {
    /** Knows no name. */
    Sizes NONE = name -> OptionalLong.empty();

    OptionalLong size(String name);

    /** This, and where it doesn't know a name, the other. */
    default Sizes or(Sizes other) {
        return name -> {
            var size = size(name);
            return size.isPresent() ? size : other.size(name);
        };
    }
}
