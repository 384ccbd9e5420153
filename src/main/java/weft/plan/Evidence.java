package weft.plan;

/** Why Weft believes that a source tensor is laid out as its dialect says. */
public enum Evidence {
    /** Only one layout has that shape. */
    SHAPE("shape"),
    /** An assumption: names and the other shapes decided the dialect; a square itself proves nothing. */
    CONVENTION("convention"),
    /** A reference holds the same values, this way round. */
    VALUES("values"),
    /** The model computes something sensible only this way round. */
    FORWARD("forward"), NONE("none");

    private final String id;

    Evidence(String id) {
        this.id = id;
    }

    public String id() {
        return id;
    }
}
