package weft.prove;

import java.util.List;
import java.util.Map;

import weft.arch.Reading;

/**
 * Something that no shape shows about tensors which are alike in every layer: which way round a square is, which third
 * is the query. The first reading of each is what the dialect says; the ways are the others.
 *
 * @param what the name patterns of the tensors
 * @param stored what the dialect says, for people
 * @param ways all other readings
 * @param units the tensors that stand or fall together, one unit a layer
 */
record Doubt(Orientation.Kind kind, String what, String stored, List<Way> ways, List<Unit> units) {

    /**
     * Another reading.
     *
     * @param text what it says, for people
     */
    record Way(String text, Change change) {
    }

    /** What a reading changes in one layer. */
    interface Change {
        /** @param readings of all tensors, by name; those of the unit are replaced */
        void apply(Unit unit, Map<String, Reading> readings);
    }

    /**
     * Tensors of one layer.
     *
     * @param layer the layer's number, or −1 for what stands in none
     */
    record Unit(int layer, List<String> tensors) {
    }

    List<String> tensors() {
        return units.stream().flatMap(u -> u.tensors().stream()).toList();
    }
}
