package weft.cli;

/** How a command ends: the contract's five statuses. */
final class Exit {
    static final int FINE = 0;
    /** The answer is no: it doesn't fit, isn't resolved, doesn't verify. */
    static final int NO = 1;
    static final int USAGE = 2;
    /** Input that can't be read or isn't accepted. */
    static final int REFUSED = 3;
    static final int NOT_WRITTEN = 4;

    private Exit() {
    }
}
