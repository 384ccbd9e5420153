package weft.plan;

/** What there is to say of one target parameter. Exactly one holds; the seven add up to the rows. */
public enum Status {
    /** Same name, shape and layout. */
    FITS("fits"),
    /** A given rule makes it fit. */
    BY_RULE("byRule"),
    /** Weft knows the rule; it isn't given yet. */
    NEEDS_RULE("needsRule"),
    /** No rule known, or the rule given doesn't make it fit. */
    MISMATCH("mismatch"),
    /** Nothing in the source feeds it. */
    MISSING("missing"),
    /** Shapes agree, nothing says the orientation is right. */
    UNPROVEN("unproven"),
    /** The target can live without it and nothing feeds it. */
    OPTIONAL("optional");

    private final String id;

    Status(String id) {
        this.id = id;
    }

    /** As printed; never translated. */
    public String id() {
        return id;
    }

    public boolean isReady() {
        return this == FITS || this == BY_RULE;
    }
}
