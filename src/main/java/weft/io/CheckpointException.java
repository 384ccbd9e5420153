package weft.io;

/**
 * The one exception for bytes, files and rules that are not what they should be. Expected trouble (a mismatch, a
 * missing parameter) is data in the plan and never thrown.
 */
public final class CheckpointException extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Problem problem;

    public CheckpointException(Problem problem) {
        super(problem.toString());
        this.problem = problem;
    }

    public CheckpointException(Problem problem, Throwable cause) {
        super(problem.toString(), cause);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }

    public Code code() {
        return problem.code();
    }
}
