package weft.arch;

/**
 * A number no shape shows (head count, epsilon, kind of GELU), with where it comes from.
 *
 * @param value a number, a word or a truth value
 */
public record Hyper(Object value, Origin origin) {
    /** Who said so. */
    public enum Origin {
        CONFIG, HPARAMS, MODEL_ARGS, DIALECT_DEFAULT, USER;

        /** It was read beside the weights. */
        boolean isRead() {
            return this == CONFIG || this == HPARAMS || this == MODEL_ARGS;
        }
    }
}
