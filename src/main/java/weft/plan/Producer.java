package weft.plan;

import java.util.List;

import weft.rule.Chain;
import weft.rule.Rule;

/** How the values of one target parameter come about. The converter, the preview and the proof all execute this. */
public sealed interface Producer {

    /**
     * From source tensors through a chain; an unchanged tensor is the identity chain.
     *
     * @param target which of the chain's targets
     * @param sources names in the source checkpoint, in the chain's order; a tensor that feeds several branches is
     *        named once for each
     */
    record FromSources(Chain chain, int target, List<String> sources) implements Producer {
        /** The source tensors, each once. */
        public List<String> distinct() {
            return sources.size() < 2 ? sources : sources.stream().distinct().toList();
        }
    }

    /** The same values as another target parameter. */
    record SameAs(String parameter, Rule.Write write) implements Producer {
    }

    /** Made by a recipe. */
    record Made(Rule.Fill fill, double value, long seed) implements Producer {
    }

    /** The target keeps its own initial value; nothing is written. */
    record Kept() implements Producer {
    }
}
