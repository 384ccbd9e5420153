package weft.token;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * Hugging Face's {@code tokenizer.json}, for byte-level BPE: GPT-2 and NeoX, Llama 3, Qwen2 and the like. What a file
 * asks for and this reader doesn't do is a problem that names it, never a tokenizer that is nearly right. Source: the
 * {@code tokenizers} library's serialisation, version 1.0.
 */
final class TokenizerJson {
    private final String file;
    private final List<Normalizer.Form> forms = new ArrayList<>();
    private final List<Pattern> cuts = new ArrayList<>();
    private boolean prefixSpace;
    private boolean byteLevel;

    private TokenizerJson(String file) {
        this.file = file;
    }

    static Tokenizer read(byte[] document, String file) throws CheckpointException {
        return new TokenizerJson(file).tokenizer(Values.object(Values.json(document, file), file, "JSON"));
    }

    private Tokenizer tokenizer(Map<String, @Nullable Object> root) throws CheckpointException {
        var model = object(root.get("model"), "model");
        // Old files have no "type" for BPE; merges tell it.
        var type = model.containsKey("type") ? model.get("type") : model.containsKey("merges") ? "BPE" : null;
        if (!"BPE".equals(type)) { throw unsupported("model.type", type, "BPE"); }
        for (var key : List.of("byte_fallback", "fuse_unk")) {
            if (Boolean.TRUE.equals(model.get(key))) { throw unsupported("model." + key, true, false); }
        }
        for (var key : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            if (model.get(key) instanceof String affix && !affix.isEmpty()) {
                throw unsupported("model." + key, affix, "");
            }
        }
        normalizer(root.get("normalizer"));
        preTokenizer(root.get("pre_tokenizer"), "pre_tokenizer");
        if (!byteLevel) { throw unsupported("pre_tokenizer", "no ByteLevel", "ByteLevel"); }
        var tokens = new Vocabulary(file);
        for (var entry : object(model.get("vocab"), "model.vocab").entrySet()) {
            tokens.add(entry.getKey(), Values.integer(entry.getValue(), file, entry.getKey()),
                    ByteAlphabet.bytes(entry.getKey()));
        }
        var literal = addedTokens(root.get("added_tokens"), tokens);
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
            Values.addMerge(merges, rank, pair, tokens, bad(field));
        }
        boolean whole = Boolean.TRUE.equals(model.get("ignore_merges"));
        return new ByteLevelBpe(file, new ByteLevelBpe.Words(literal, List.copyOf(forms), prefixSpace,
                List.copyOf(cuts), whole), tokens, merges);
    }

    /** Added tokens join the vocabulary; those that aren't special are found in a text as they stand. */
    private @Nullable Pattern addedTokens(@Nullable Object value, Vocabulary tokens) throws CheckpointException {
        var found = new ArrayList<String>();
        for (var entry : value == null ? List.of() : list(value, "added_tokens")) {
            var token = object(entry, "added_tokens");
            if (!(token.get("content") instanceof String content) || content.isEmpty()) {
                throw bad("added_tokens.content").expected("string").asException();
            }
            tokens.add(content, Values.integer(token.get("id"), file, content),
                    content.getBytes(StandardCharsets.UTF_8));
            if (Boolean.TRUE.equals(token.get("special"))) {
                continue;
            }
            for (var key : List.of("lstrip", "rstrip", "single_word")) {
                if (Boolean.TRUE.equals(token.get(key))) {
                    throw unsupported("added_tokens." + content + "." + key, true, false);
                }
            }
            found.add(content);
        }
        return found.isEmpty()
                ? null
                : Pattern.compile(found.stream().sorted(Comparator.comparingInt(String::length).reversed())
                        .map(Pattern::quote).collect(Collectors.joining("|")));
    }

    private void normalizer(@Nullable Object value) throws CheckpointException {
        if (value == null) { return; }
        var node = object(value, "normalizer");
        switch (String.valueOf(node.get("type"))) {
            case "Sequence" -> {
                for (var part : list(node.get("normalizers"), "normalizer.normalizers")) {
                    normalizer(part);
                }
            }
            case "NFC" -> forms.add(Normalizer.Form.NFC);
            case "NFD" -> forms.add(Normalizer.Form.NFD);
            case "NFKC" -> forms.add(Normalizer.Form.NFKC);
            case "NFKD" -> forms.add(Normalizer.Form.NFKD);
            default -> throw unsupported("normalizer.type", node.get("type"), "NFC");
        }
    }

    private void preTokenizer(@Nullable Object value, String field) throws CheckpointException {
        var node = object(value, field);
        switch (String.valueOf(node.get("type"))) {
            case "Sequence" -> {
                for (var part : list(node.get("pretokenizers"), field + ".pretokenizers")) {
                    preTokenizer(part, field);
                }
            }
            case "ByteLevel" -> {
                byteLevel = true;
                prefixSpace = Boolean.TRUE.equals(node.get("add_prefix_space"));
                if (prefixSpace && !cuts.isEmpty()) {
                    throw unsupported(field + ".add_prefix_space", true, false); // each piece would get a space
                }
                if (!Boolean.FALSE.equals(node.get("use_regex"))) {
                    cuts.add(ByteLevelBpe.GPT2_WORDS);
                }
            }
            case "Digits" -> cuts.add(Boolean.TRUE.equals(node.get("individual_digits"))
                    ? Pattern.compile("\\p{N}")
                    : Pattern.compile("\\p{N}+"));
            case "Split" -> {
                if (!"Isolated".equals(node.get("behavior")) || Boolean.TRUE.equals(node.get("invert"))) {
                    throw unsupported(field + ".behavior", node.get("behavior"), "Isolated");
                }
                cuts.add(pattern(object(node.get("pattern"), field + ".pattern")));
            }
            default -> throw unsupported(field + ".type", node.get("type"), "ByteLevel, Split, Digits");
        }
    }

    private Pattern pattern(Map<String, @Nullable Object> node) throws CheckpointException {
        if (node.get("String") instanceof String text) { return Pattern.compile(text, Pattern.LITERAL); }
        if (!(node.get("Regex") instanceof String expression)) {
            throw bad("pre_tokenizer.pattern").expected("String, Regex").asException();
        }
        try {
            // Java writes a script with Is.
            return Pattern.compile(expression.replace("\\p{Han}", "\\p{IsHan}"), ByteLevelBpe.FLAGS);
        } catch (PatternSyntaxException e) {
            throw bad("pre_tokenizer.pattern").found(expression).expected("Regex").asException(e);
        }
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
