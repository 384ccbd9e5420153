package weft.io;

/**
 * What can go wrong, as one closed list. The identifiers are part of the command line's contract: they are printed,
 * tested and never translated; {@code weft.text} turns a code and its arguments into a sentence.
 */
public enum Code {
    // The four everyday failures.
    LFS_POINTER, TEXT_LINK, NOT_A_MODEL, TRUNCATED,
    // Files and sets of files.
    OPEN_SIBLING, DATA_MISSING, INCOMPLETE_SET, PATH_OUTSIDE, NOT_READABLE, CHANGED, SAME_FILE, EXISTS, UNFINISHED,
    NO_SPACE,
    WRITE_FAILED, CANCELLED, UNSUPPORTED_FORMAT, FORMAT_LIMIT,
    // Bytes that contradict themselves.
    BAD_HEADER, LIMIT, OVERLAP, DUPLICATE_NAME, UNKNOWN_DTYPE, UNSUPPORTED_VERSION, TRAILING_BYTES, SHAPE_BOMB,
    // ZIP.
    ZIP_INCOMPLETE, ZIP_AMBIGUOUS, BOMB, CRC,
    // Pickle.
    PICKLE_CALL, BAD_PICKLE, OPAQUE_OBJECT, STORAGE_SIZE, VIEW_RANGE, TORCH_TAR,
    // TensorFlow, HDF5.
    CRC32C, EXTERNAL, UNSUPPORTED_FILTER,
    // Targets, configurations, models.
    UNKNOWN_TARGET, BAD_TARGET, AMBIGUOUS_TARGET, TARGET_GAP, BAD_CONFIG, BAD_DIALECT, HYPER_UNKNOWN, HEAD_NOT_TIED,
    NOT_COMPLETE, NOT_A_FAMILY, NO_TOKENIZER,
    BAD_TOKENIZER, BAD_PROMPT, NOT_IN_VOCABULARY, VOCABULARY_TOO_LARGE, ID_RANGE, NOT_FINITE, BAD_REFERENCE,
    // Quantised weights.
    QUANTISED, NO_QUANT_CONFIG,
    // Adapters.
    ADAPTER_MISFIT, ADAPTER_ROWS, ADAPTER_KIND, MERGE_FIRST,
    // What there is to say of source and target as a whole.
    OTHER_MODEL, MISNAMED, ROPE_NOT_CARRIED, WINDOW_NOT_CARRIED, NO_VOCABULARY,
    // Why nothing was proved.
    TOO_CLOSE, NO_SENSE,
    // Lessons.
    BAD_LESSON,
    // Rules (the ones a rule file can break have the names RULES.md gives them).
    BAD_RULES, E_DUP, E_MISSING, E_SIZE, E_COLLECT, E_SHAPE, E_SOURCE, E_NAME, E_GAP,
    E_CYCLE, E_REGEX, E_LOSS, E_ASSERT, W_UNUSED, W_IDLE, W_OVERFLOW,
    // Usage, and Weft itself.
    BAD_ARGUMENT, NO_MEMORY, INTERNAL;

    /** The identifier as printed: {@code E_DUP} reads {@code E-DUP}, as the rule language spells it. */
    public String id() {
        return name().startsWith("E_") || name().startsWith("W_") ? name().replace('_', '-') : name();
    }
}
