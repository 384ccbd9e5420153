package weft.ui.tree;

import java.util.ArrayList;
import java.util.List;

import weft.plan.Kind;
import weft.plan.Producer;
import weft.plan.Row;
import weft.plan.Status;
import weft.rule.Affine;
import weft.rule.Cast;
import weft.rule.Combine;
import weft.rule.Concat;
import weft.rule.Op;
import weft.rule.Pad;
import weft.rule.Rearrange;
import weft.rule.Slice;
import weft.rule.Split;
import weft.rule.Stack;
import weft.rule.Take;
import weft.rule.Unstack;

/**
 * One or two words on the thread between a source and a target.
 *
 * @param key of the text, {@code chip.transpose}
 * @param argument what is put for {@code {what}}, or empty
 * @param exact the op as rules spell it, for the tooltip; empty where there is none
 */
public record Chip(String key, String argument, Tone tone, String exact) {

    /** How a chip and its thread are drawn. */
    public enum Tone {
        /** Renamed only. */
        PLAIN,
        /** A rule that was accepted. */
        ACCEPTED,
        /** A suggestion: nothing is done yet. */
        SUGGESTED,
        /** It doesn't fit, or no rule is known. */
        FAILED
    }

    static Chip of(String key, Tone tone) {
        return new Chip(key, "", tone, "");
    }

    /** Chips of a relation: all its rows share the ops that make them. */
    public static List<Chip> of(List<Row> rows) {
        if (rows.isEmpty()) { return List.of(); }
        var row = rows.getFirst();
        var tone = tone(row);
        return switch (row.producer()) {
            case null -> unproduced(row);
            case Producer.SameAs same -> List.of(new Chip("chip.tie", same.parameter(), tone, ""));
            case Producer.Made made -> List.of(Chip.of("chip.made." + switch (made.fill()) {
                case ZEROS -> "zeros";
                case ONES -> "ones";
                case CONST -> "const";
                case NORMAL -> "normal";
                case CAUSAL_MASK -> "mask";
            }, tone));
            case Producer.Kept _ -> List.of(Chip.of("chip.keep", tone));
            case Producer.FromSources _ -> ops(row, tone);
        };
    }

    private static List<Chip> unproduced(Row row) {
        return row.status() == Status.MISMATCH && row.rule() == null
                ? List.of(Chip.of("chip.unknown", Tone.FAILED))
                : List.of();
    }

    private static Tone tone(Row row) {
        return switch (row.status()) {
            case NEEDS_RULE -> Tone.SUGGESTED;
            case MISMATCH -> Tone.FAILED;
            case BY_RULE -> row.kind() == Kind.RENAMED ? Tone.PLAIN : Tone.ACCEPTED;
            case FITS, MISSING, UNPROVEN, OPTIONAL -> Tone.PLAIN;
        };
    }

    private static List<Chip> ops(Row row, Tone tone) {
        var chips = new ArrayList<Chip>();
        boolean failed = row.status() == Status.MISMATCH;
        var blamed = row.problem() == null ? null : row.problem().field();
        boolean any = false;
        for (var op : row.ops()) {
            boolean culprit = failed && op.toString().equals(blamed);
            any |= culprit;
            chips.addAll(of(op, failed && !culprit ? Tone.ACCEPTED : tone));
        }
        if (failed && !any && !chips.isEmpty()) { // the result doesn't fit, no single op is to blame: the last one is marked
            var last = chips.removeLast();
            chips.add(new Chip(last.key(), last.argument(), Tone.FAILED, last.exact()));
        }
        if (chips.isEmpty() && row.rule() != null) {
            chips.add(Chip.of("chip.rename", tone));
        }
        return chips;
    }

    /** An op in one or two words; some ops are two. */
    public static List<Chip> of(Op op, Tone tone) {
        return switch (op) {
            case Rearrange r when r.isSqueeze() -> List.of(chip("squeeze", "", tone, op));
            case Rearrange r when r.isTranspose() -> r.changesOnes()
                    ? List.of(chip("squeeze", "", tone, op), chip("transpose", "", tone, op))
                    : List.of(chip("transpose", "", tone, op));
            case Rearrange _ -> List.of(chip("rearrange", "", tone, op));
            case Split s -> List.of(chip("split", "" + (s.parts() > 0 ? s.parts() : s.sizes().size()), tone, op));
            case Concat _ -> List.of(chip("join", "", tone, op));
            case Stack _ -> List.of(chip("stack", "", tone, op));
            case Unstack _ -> List.of(chip("unstack", "", tone, op));
            case Slice _ -> List.of(chip("slice", "", tone, op));
            case Pad _ -> List.of(chip("pad", "", tone, op));
            case Take _ -> List.of(chip("take", "", tone, op));
            case Affine _ -> List.of(chip("affine", "", tone, op));
            case Cast c -> List.of(chip("cast", c.to().title(), tone, op));
            case Combine c -> List.of(chip(switch (c.recipe()) {
                case Combine.Lora _,Combine.Add _ -> "combine";
                case Combine.Nf4 _,Combine.Int8 _,Combine.Fp8 _ -> "unpack";
            }, "", tone, op));
        };
    }

    private static Chip chip(String word, String argument, Tone tone, Op op) {
        return new Chip("chip." + word, argument, tone, op.toString());
    }
}
