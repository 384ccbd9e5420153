package weft.token;

import java.math.BigDecimal;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * Hugging Face's {@code tokenizer.json}: BPE (byte-level as GPT-2's, or with byte fallback as Llama's), Unigram,
 * WordPiece and whole words, with their normalizers, pre-tokenizers, post-processors and decoders. What a file asks
 * for and this reader doesn't do is a problem that names it, never a tokenizer that is nearly right. Source: the
 * {@code tokenizers} library's serialisation, version 1.0.
 */
final class TokenizerJson {
    private final String file;
    private final Vocabulary tokens;
    private final List<Rewrite> rewrites = new ArrayList<>();
    private final List<Cut> cuts = new ArrayList<>();

    private TokenizerJson(String file) {
        this.file = file;
        this.tokens = new Vocabulary(file);
    }

    static Tokenizer read(byte[] document, String file) throws CheckpointException {
        return new TokenizerJson(file).tokenizer(Values.object(Values.json(document, file), file, "JSON"));
    }

    private Tokenizer tokenizer(Map<String, @Nullable Object> root) throws CheckpointException {
        var model = object(root.get("model"), "model");
        rewrite(root.get("normalizer"), "normalizer");
        preTokenizer(root.get("pre_tokenizer"), "pre_tokenizer");
        var words = switch (type(model)) {
            case "BPE" -> pairs(model);
            case "Unigram" -> unigram(model);
            case "WordPiece" -> wordPieces(model);
            case "WordLevel" -> {
                vocabulary(model);
                yield new WordModel.Words(tokens, unknown(model), file);
            }
            default -> throw unsupported("model.type", model.get("type"), "BPE, Unigram, WordPiece, WordLevel");
        };
        var raw = new ArrayList<AddedTokens.Added>();
        var normalized = new ArrayList<AddedTokens.Added>();
        addedTokens(root.get("added_tokens"), raw, normalized);
        var decoders = root.get("decoder") == null ? null : new ArrayList<Decoding>();
        if (decoders != null) {
            decoder(root.get("decoder"), "decoder", decoders);
        }
        var parts = new Pipeline.Parts(new AddedTokens(raw), List.copyOf(rewrites), new AddedTokens(normalized),
                List.copyOf(cuts), words, decoders, start(root.get("post_processor"), "post_processor"));
        return new Pipeline(file, tokens, parts, tokens.endOfText());
    }

    /** Old files have no type: merges tell BPE, scores Unigram. */
    private static String type(Map<String, @Nullable Object> model) {
        if (model.get("type") != null) { return String.valueOf(model.get("type")); }
        if (model.containsKey("merges")) { return "BPE"; }
        if (model.get("vocab") instanceof List<?>) { return "Unigram"; }
        return model.containsKey("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
    }

    // --- models

    private void vocabulary(Map<String, @Nullable Object> model) throws CheckpointException {
        for (var entry : object(model.get("vocab"), "model.vocab").entrySet()) {
            tokens.add(entry.getKey(), Values.integer(entry.getValue(), file, entry.getKey()));
        }
    }

    /** The id of the token for what is unknown, or -1 where there is none. */
    private int unknown(Map<String, @Nullable Object> model) {
        return model.get("unk_token") instanceof String token ? tokens.id(token) : -1;
    }

    private WordModel pairs(Map<String, @Nullable Object> model) throws CheckpointException {
        vocabulary(model);
        if (model.get("unk_token") instanceof String token && !token.isEmpty() && tokens.id(token) < 0) {
            throw bad("model.unk_token").found(token).expected("in the vocabulary").asException();
        }
        var prefix = text(model, "continuing_subword_prefix");
        var merges = new Merges();
        var rules = list(model.get("merges"), "model.merges");
        for (int rank = 0; rank < rules.size(); rank++) {
            var field = "model.merges[" + rank + "]";
            var pair = switch (rules.get(rank)) {
                case String rule -> rule.split(" ", -1);
                case List<?> rule when rule.size() == 2 && rule.get(0) instanceof String a
                        && rule.get(1) instanceof String b ->
                    new String[]{a, b};
                case null, default -> throw bad(field).expected("two tokens").asException();
            };
            Values.addMerge(merges, rank, pair, prefix.length(), tokens, bad(field));
        }
        return new WordModel.Pairs(tokens, merges, unknown(model), prefix, text(model, "end_of_word_suffix"),
                is(model, "fuse_unk"), WordModel.Pairs.bytes(tokens, is(model, "byte_fallback")),
                is(model, "ignore_merges"));
    }

    private WordModel unigram(Map<String, @Nullable Object> model) throws CheckpointException {
        var entries = list(model.get("vocab"), "model.vocab");
        var scores = new double[entries.size()];
        for (int id = 0; id < scores.length; id++) {
            if (!(entries.get(id) instanceof List<?> entry && entry.size() == 2
                    && entry.get(0) instanceof String token && entry.get(1) instanceof Number score
                    && Double.isFinite(score.doubleValue()))) {
                throw bad("model.vocab[" + id + "]").expected("token, score").asException();
            }
            tokens.append(token);
            scores[id] = asRead(score.doubleValue());
        }
        long unknown = model.get("unk_id") == null ? -1 : Values.integer(model.get("unk_id"), file, "model.unk_id");
        if (unknown >= scores.length) {
            throw bad("model.unk_id").found(unknown).expected("< " + scores.length).asException();
        }
        return WordModel.Unigram.of(tokens, scores, (int) Math.max(-1, unknown), is(model, "byte_fallback"), file);
    }

    /**
     * A score as the library's JSON reader makes it from the digits: the digits as a whole number, divided by a power
     * of ten, which is a last place off where there are seventeen of them. Of two equally good ways to write a word,
     * the last place decides.
     */
    private static double asRead(double score) {
        var digits = new BigDecimal(Double.toString(Math.abs(score)));
        var whole = digits.unscaledValue();
        if (digits.scale() < 0 || digits.scale() > 22 || whole.bitLength() > 63) { return score; }
        return Math.copySign((double) whole.longValue() / Double.parseDouble("1e" + digits.scale()), score);
    }

    private WordModel wordPieces(Map<String, @Nullable Object> model) throws CheckpointException {
        vocabulary(model);
        int unknown = unknown(model);
        if (unknown < 0) {
            throw bad("model.unk_token").found(String.valueOf(model.get("unk_token"))).expected("in the vocabulary")
                    .asException();
        }
        long longest = model.get("max_input_chars_per_word") == null
                ? 100
                : Values.integer(model.get("max_input_chars_per_word"), file, "model.max_input_chars_per_word");
        return new WordModel.WordPieces(tokens, unknown,
                model.get("continuing_subword_prefix") instanceof String p ? p : "##", longest);
    }

    // --- what happens around the model

    /** Added tokens join the vocabulary; those that aren't special are found in a text as they stand. */
    private void addedTokens(@Nullable Object value, List<AddedTokens.Added> raw, List<AddedTokens.Added> normalized)
            throws CheckpointException {
        for (var entry : value == null ? List.of() : list(value, "added_tokens")) {
            var token = object(entry, "added_tokens");
            if (!(token.get("content") instanceof String content) || content.isEmpty()) {
                throw bad("added_tokens.content").expected("string").asException();
            }
            long id = Values.integer(token.get("id"), file, content);
            if (is(token, "special")) {
                tokens.addBeside(content, id);
                continue;
            }
            tokens.add(content, id);
            boolean rewritten = is(token, "normalized");
            var looked = content;
            for (var rewrite : rewritten ? rewrites : List.<Rewrite>of()) {
                looked = rewrite.apply(looked, new Steps(content.length()));
            }
            if (!looked.isEmpty()) {
                tokens.reads((int) id, looked);
                (rewritten ? normalized : raw).add(new AddedTokens.Added(looked, (int) id, is(token, "single_word"),
                        is(token, "lstrip"), is(token, "rstrip"), rewritten));
            }
        }
    }

    private void rewrite(@Nullable Object value, String field) throws CheckpointException {
        if (value == null) { return; }
        var node = object(value, field);
        switch (String.valueOf(node.get("type"))) {
            case "Sequence" -> {
                for (var part : list(node.get("normalizers"), field + ".normalizers")) {
                    rewrite(part, field);
                }
            }
            case "NFC" -> rewrites.add(new Rewrite.Form(Normalizer.Form.NFC));
            case "NFD" -> rewrites.add(new Rewrite.Form(Normalizer.Form.NFD));
            case "NFKC" -> rewrites.add(new Rewrite.Form(Normalizer.Form.NFKC));
            case "NFKD" -> rewrites.add(new Rewrite.Form(Normalizer.Form.NFKD));
            case "Lowercase" -> rewrites.add(new Rewrite.Lowercase());
            case "Strip" -> rewrites.add(new Rewrite.Strip(!isNot(node, "strip_left"), !isNot(node, "strip_right")));
            case "StripAccents" -> rewrites.add(new Rewrite.Without(Rewrite::isMark));
            case "Replace" -> rewrites.add(new Rewrite.Replace(
                    expression(node.get("pattern"), field + ".pattern"), text(node, "content")));
            case "Prepend" -> rewrites.add(new Rewrite.Prepend(text(node, "prepend")));
            case "ByteLevel" -> rewrites.add(new Rewrite.Bytes());
            case "Nmt" -> rewrites.add(new Rewrite.Nmt());
            case "Precompiled" -> rewrites.add(new Rewrite.Precompiled(charsMap(node, field)));
            case "BertNormalizer" -> bert(node);
            default -> throw unsupported(field + ".type", node.get("type"),
                    "NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Replace, Prepend, ByteLevel, Nmt, "
                            + "Precompiled, BertNormalizer");
        }
    }

    private CharsMap charsMap(Map<String, @Nullable Object> node, String field) throws CheckpointException {
        var place = field + ".precompiled_charsmap";
        try {
            return CharsMap.read(Base64.getDecoder().decode(text(node, "precompiled_charsmap")), file, place);
        } catch (IllegalArgumentException e) {
            throw bad(place).expected("Base64").asException(e);
        }
    }

    private void bert(Map<String, @Nullable Object> node) {
        boolean lower = !isNot(node, "lowercase");
        rewrites.add(new Rewrite.BertClean(!isNot(node, "clean_text"), !isNot(node, "handle_chinese_chars")));
        if (node.get("strip_accents") == null ? lower : is(node, "strip_accents")) {
            rewrites.add(new Rewrite.Form(Normalizer.Form.NFD));
            rewrites.add(new Rewrite.Without(Rewrite::isNonspacing));
        }
        if (lower) {
            rewrites.add(new Rewrite.Lowercase());
        }
    }

    private void preTokenizer(@Nullable Object value, String field) throws CheckpointException {
        if (value == null) { return; }
        var node = object(value, field);
        switch (String.valueOf(node.get("type"))) {
            case "Sequence" -> {
                for (var part : list(node.get("pretokenizers"), field + ".pretokenizers")) {
                    preTokenizer(part, field);
                }
            }
            case "ByteLevel" -> {
                if (!isNot(node, "add_prefix_space")) {
                    cuts.add(new Cut.PrefixSpace());
                }
                if (!isNot(node, "use_regex")) {
                    cuts.addAll(Cut.words("gpt2"));
                }
                cuts.add(new Cut.Bytes());
            }
            case "Metaspace" -> cuts.add(metaspace(node, field));
            case "Whitespace" -> cuts.add(new Cut.Split(Expression.Regex.known("\\w+|[^\\w\\s]+"),
                    Cut.Behavior.REMOVED, true));
            case "WhitespaceSplit" -> split(Cut::isSpace, Cut.Behavior.REMOVED);
            case "BertPreTokenizer" -> {
                split(Cut::isSpace, Cut.Behavior.REMOVED);
                split(Cut::isPunctuation, Cut.Behavior.ISOLATED);
            }
            case "Digits" -> split(Cut::isNumeric,
                    is(node, "individual_digits") ? Cut.Behavior.ISOLATED : Cut.Behavior.CONTIGUOUS);
            case "Punctuation" -> split(Cut::isPunctuation,
                    node.get("behavior") == null ? Cut.Behavior.ISOLATED : behavior(node, field));
            case "CharDelimiterSplit" -> {
                int delimiter = character(node, "delimiter", field);
                split(c -> c == delimiter, Cut.Behavior.REMOVED);
            }
            case "FixedLength" -> {
                long length = node.get("length") == null ? 5 : Values.integer(node.get("length"), file, field);
                if (length < 1 || length > Integer.MAX_VALUE) {
                    throw bad(field + ".length").found(length).expected(">= 1").asException();
                }
                cuts.add(new Cut.FixedLength((int) length));
            }
            case "Split" -> cuts.add(new Cut.Split(expression(node.get("pattern"), field + ".pattern"),
                    behavior(node, field), is(node, "invert")));
            default -> throw unsupported(field + ".type", node.get("type"),
                    "ByteLevel, Metaspace, Whitespace, WhitespaceSplit, BertPreTokenizer, Digits, Punctuation, "
                            + "CharDelimiterSplit, FixedLength, Split");
        }
    }

    private void split(IntPredicate kind, Cut.Behavior behavior) {
        cuts.add(new Cut.Split(new Expression.Characters(kind), behavior, false));
    }

    private Cut.Behavior behavior(Map<String, @Nullable Object> node, String field) throws CheckpointException {
        var behavior = Cut.Behavior.of(String.valueOf(node.get("behavior")));
        if (behavior == null) {
            throw unsupported(field + ".behavior", node.get("behavior"),
                    "Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous");
        }
        return behavior;
    }

    private Cut.Metaspace metaspace(Map<String, @Nullable Object> node, String field) throws CheckpointException {
        return new Cut.Metaspace(Character.toString(character(node, "replacement", field)), prepend(node, field),
                !isNot(node, "split"));
    }

    private Cut.Prepend prepend(Map<String, @Nullable Object> node, String field) throws CheckpointException {
        if (isNot(node, "add_prefix_space")) { return Cut.Prepend.NEVER; } // as older files say it
        return switch (String.valueOf(node.get("prepend_scheme"))) {
            case "null", "always" -> Cut.Prepend.ALWAYS;
            case "first" -> Cut.Prepend.FIRST;
            case "never" -> Cut.Prepend.NEVER;
            default -> throw unsupported(field + ".prepend_scheme", node.get("prepend_scheme"), "always, first, never");
        };
    }

    /** The ids a post-processor puts before a text; what it puts behind one isn't wanted where a text goes on. */
    private int[] start(@Nullable Object value, String field) throws CheckpointException {
        var ids = new Ids();
        if (value == null) { return ids.toArray(); }
        var node = object(value, field);
        switch (String.valueOf(node.get("type"))) {
            case "Sequence" -> {
                // Each wraps what the one before made: the last one's ids stand first.
                for (var part : list(node.get("processors"), field + ".processors")) {
                    var inner = ids.toArray();
                    ids = new Ids();
                    ids.add(start(part, field));
                    ids.add(inner);
                }
            }
            case "ByteLevel" -> {
            }
            case "TemplateProcessing" -> template(node, field, ids);
            case "BertProcessing", "RobertaProcessing" -> {
                if (!(node.get("cls") instanceof List<?> cls && cls.size() == 2 && cls.get(1) instanceof Long id)) {
                    throw bad(field + ".cls").expected("token, id").asException();
                }
                ids.add(Math.toIntExact(id));
            }
            default -> throw unsupported(field + ".type", node.get("type"),
                    "ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing");
        }
        return ids.toArray();
    }

    private void template(Map<String, @Nullable Object> node, String field, Ids ids) throws CheckpointException {
        var special = object(node.get("special_tokens"), field + ".special_tokens");
        for (var part : list(node.get("single"), field + ".single")) {
            var item = object(part, field + ".single");
            if (item.containsKey("Sequence")) { return; }
            var name = String.valueOf(object(item.get("SpecialToken"), field + ".single").get("id"));
            var token = object(special.get(name), field + ".special_tokens." + name);
            for (var id : list(token.get("ids"), field + ".special_tokens." + name + ".ids")) {
                long value = Values.integer(id, file, name);
                if (value < 0 || value >= Integer.MAX_VALUE) { throw bad(name).found(value).asException(); }
                ids.add((int) value);
            }
        }
    }

    private void decoder(@Nullable Object value, String field, List<Decoding> decoders) throws CheckpointException {
        var node = object(value, field);
        switch (String.valueOf(node.get("type"))) {
            case "Sequence" -> {
                for (var part : list(node.get("decoders"), field + ".decoders")) {
                    decoder(part, field, decoders);
                }
            }
            case "ByteLevel" -> decoders.add(new Decoding.Bytes());
            case "Replace" -> decoders.add(new Decoding.Replace(
                    expression(node.get("pattern"), field + ".pattern"), text(node, "content")));
            case "ByteFallback" -> decoders.add(new Decoding.ByteFallback());
            case "Fuse" -> decoders.add(new Decoding.Fuse());
            case "Strip" -> decoders.add(new Decoding.Strip(character(node, "content", field),
                    (int) Math.min(1 << 20, Values.integer(node.get("start"), file, field + ".start")),
                    (int) Math.min(1 << 20, Values.integer(node.get("stop"), file, field + ".stop"))));
            case "Metaspace" -> {
                var mark = metaspace(node, field);
                decoders.add(new Decoding.Metaspace(mark.mark(), mark.prepend() != Cut.Prepend.NEVER));
            }
            case "WordPiece" -> decoders.add(new Decoding.WordPiece(
                    node.get("prefix") instanceof String p ? p : "##", !isNot(node, "cleanup")));
            case "BPEDecoder" -> decoders
                    .add(new Decoding.WordEnd(node.get("suffix") instanceof String s ? s : "</w>"));
            default -> throw unsupported(field + ".type", node.get("type"),
                    "ByteLevel, Replace, ByteFallback, Fuse, Strip, Metaspace, WordPiece, BPEDecoder");
        }
    }

    // --- values

    private Expression.Regex expression(@Nullable Object value, String field) throws CheckpointException {
        var node = object(value, field);
        if (node.get("String") instanceof String text) { return Expression.Regex.literal(text, file); }
        if (node.get("Regex") instanceof String source) { return Expression.Regex.of(source, file, field); }
        throw bad(field).expected("String, Regex").asException();
    }

    private int character(Map<String, @Nullable Object> node, String key, String field) throws CheckpointException {
        var text = text(node, key);
        if (text.isEmpty() || text.codePointCount(0, text.length()) != 1) {
            throw bad(field + "." + key).found(text).expected("one character").asException();
        }
        return text.codePointAt(0);
    }

    private static String text(Map<String, @Nullable Object> node, String key) {
        return node.get(key) instanceof String text ? text : "";
    }

    private static boolean is(Map<String, @Nullable Object> node, String key) {
        return Boolean.TRUE.equals(node.get(key));
    }

    private static boolean isNot(Map<String, @Nullable Object> node, String key) {
        return Boolean.FALSE.equals(node.get(key));
    }

    private Map<String, @Nullable Object> object(@Nullable Object value, String field) throws CheckpointException {
        return Values.object(value, file, field);
    }

    private List<?> list(@Nullable Object value, String field) throws CheckpointException {
        if (value instanceof List<?> list) { return list; }
        throw bad(field).found(Values.kind(value)).expected("array").asException();
    }

    private Problem bad(String field) {
        return Problem.of(Code.BAD_TOKENIZER).file(file).field(field);
    }

    private CheckpointException unsupported(String field, @Nullable Object found, Object expected) {
        return bad(field).found(String.valueOf(found)).expected(expected).asException();
    }
}
