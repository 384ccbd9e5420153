package weft.plan;

/** What kind of mismatch it is, or what kind of rule. The first that applies, in this order. */
public enum Kind {
    OTHER_MODEL_SIZE("otherModelSize"), QUANTISED("quantised"), VOCABULARY("vocabulary"), CONTEXT("context"),
    UNKNOWN_DTYPE("unknownDtype"), SHAPE("shape"),
    // Of a rule.
    SPLIT("split"), JOINED("joined"), STACKED("stacked"), UNSTACKED("unstacked"), MERGED("merged"), RESIZED("resized"),
    TIED("tied"), PERMUTED("permuted"), TRANSPOSED("transposed"), SQUEEZED("squeezed"), CAST("cast"), SCALED("scaled"),
    INITIALISED("initialised"), KEPT("kept"), RENAMED("renamed");

    private final String id;

    Kind(String id) {
        this.id = id;
    }

    public String id() {
        return id;
    }
}
