package weft.io;

/** How far a long piece of work has come, and whether somebody wants it to stop. Called from the working thread. */
public interface Progress {
    /** Nobody watches and nobody cancels. */
    Progress NONE = new Progress() {
    };

    /** {@code done} of {@code total} units (bytes, tokens); the total is 0 where it is unknown. */
    default void at(long done, long total) {
    }

    default boolean cancelled() {
        return false;
    }

    /** Ends the work with {@link Code#CANCELLED} if it was cancelled. Call it at least every few milliseconds of work. */
    default void check() throws CheckpointException {
        if (cancelled()) { throw Problem.of(Code.CANCELLED).asException(); }
    }
}
