package weft.name;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.name.Pattern.Capture;
import weft.name.Pattern.Kind;
import weft.name.Pattern.Literal;
import weft.name.Pattern.Regex;
import weft.name.Pattern.Token;
import weft.name.Pattern.Unifier;

/** Walks along two patterns at once; what is bound so far is handed down and never changed. */
final class Unification {
    private int steps = Pattern.MAX_STEPS;

    /** {@code restA} and {@code restB}: what is left of a literal that was partly used. */
    Optional<Unifier> run(List<Token> a, String restA, List<Token> b, String restB, Unifier bound) {
        if (--steps < 0) { return Optional.empty(); }
        if (restA.isEmpty() && !a.isEmpty() && isText(a.getFirst(), bound.left())) {
            var text = text(a.getFirst(), bound.left());
            return text == null ? Optional.empty() : run(a.subList(1, a.size()), text, b, restB, bound);
        }
        if (restB.isEmpty() && !b.isEmpty() && isText(b.getFirst(), bound.right())) {
            var text = text(b.getFirst(), bound.right());
            return text == null ? Optional.empty() : run(a, restA, b.subList(1, b.size()), text, bound);
        }
        if (!restA.isEmpty() && !restB.isEmpty()) {
            int n = Math.min(restA.length(), restB.length());
            return restA.regionMatches(0, restB, 0, n)
                    ? run(a, restA.substring(n), b, restB.substring(n), bound)
                    : Optional.empty();
        }
        if (restA.isEmpty() && a.isEmpty() || restB.isEmpty() && b.isEmpty()) {
            return restA.isEmpty() && a.isEmpty() && restB.isEmpty() && b.isEmpty()
                    ? Optional.of(bound)
                    : Optional.empty();
        }
        if (restA.isEmpty() && restB.isEmpty()) {
            return meet((Capture) a.getFirst(), (Capture) b.getFirst(), bound)
                    .flatMap(met -> run(a.subList(1, a.size()), "", b.subList(1, b.size()), "", met));
        }
        boolean left = restA.isEmpty();
        var capture = (Capture) (left ? a : b).getFirst();
        for (var text : prefixes(capture, left ? restB : restA)) {
            var more = put(bound, left, capture, Pattern.literal(value(capture, text)));
            var whole = more.flatMap(m -> left
                    ? run(a.subList(1, a.size()), "", b, restB.substring(text.length()), m)
                    : run(a, restA.substring(text.length()), b.subList(1, b.size()), "", m));
            if (whole.isPresent()) { return whole; }
        }
        return Optional.empty();
    }

    /** Whether this is a literal, or a capture that is bound to text already. */
    private static boolean isText(Token token, Map<String, Pattern> bound) {
        return token instanceof Literal
                || token instanceof Capture(var name, _, _, _) && bound.get(name) instanceof Pattern value
                        && value.isLiteral();
    }

    /** Its text; null if what the capture is bound to can't stand here. */
    private static @Nullable String text(Token token, Map<String, Pattern> bound) {
        return switch (token) {
            case Literal(var text) -> text;
            case Capture capture -> {
                var value = bound.get(capture.name());
                yield value == null ? null : capture.rendered(value.render(Map.of()));
            }
            case Regex _ -> null;
        };
    }

    private static String value(Capture capture, String text) {
        var value = capture.kind() == Kind.INTEGER ? capture.captured(text) : text;
        return value == null ? text : value;
    }

    private static Optional<Unifier> put(Unifier bound, boolean left, Capture capture, Pattern value) {
        var side = left ? bound.left() : bound.right();
        var old = side.get(capture.name());
        if (old != null) { return old.equals(value) ? Optional.of(bound) : Optional.empty(); }
        var more = new LinkedHashMap<>(side);
        more.put(capture.name(), value);
        return Optional.of(left ? new Unifier(more, bound.right()) : new Unifier(bound.left(), more));
    }

    /** Two captures at the same place: one takes the other's name, alternatives that both have are left. */
    private static Optional<Unifier> meet(Capture a, Capture b, Unifier bound) {
        if (a.kind() == Kind.INTEGER && b.kind() == Kind.INTEGER) {
            return put(bound, true, a, integer(a.name(), 0))
                    .flatMap(m -> put(m, false, b, integer(a.name(), a.shift() - b.shift())));
        }
        Pattern shared;
        if (a.kind() == Kind.CHOICE && b.kind() == Kind.CHOICE) {
            var common = a.choices().stream().filter(b.choices()::contains).toList();
            if (common.isEmpty()) { return Optional.empty(); }
            shared = common.size() == 1
                    ? Pattern.literal(common.getFirst())
                    : new Pattern(List.of(new Capture(a.name(), Kind.CHOICE, common, 0)));
        } else if (a.kind() == b.kind()) {
            shared = new Pattern(List.of(a));
        } else if (isSomeOf(a, b)) {
            shared = new Pattern(List.of(a));
        } else if (isSomeOf(b, a)) {
            shared = new Pattern(List.of(b));
        } else {
            return Optional.empty();
        }
        return put(bound, true, a, shared).flatMap(m -> put(m, false, b, shared));
    }

    /** Alternatives that are all integers, against any integer. */
    private static boolean isSomeOf(Capture some, Capture any) {
        return some.kind() == Kind.CHOICE && any.kind() == Kind.INTEGER && any.shift() == 0
                && some.choices().stream().allMatch(c -> any.captured(c) != null);
    }

    private static Pattern integer(String name, long shift) {
        return new Pattern(List.of(new Capture(name, Kind.INTEGER, List.of(), shift)));
    }

    private static List<String> prefixes(Capture capture, String text) {
        return switch (capture.kind()) {
            case CHOICE -> capture.choices().stream().filter(text::startsWith).toList();
            case INTEGER -> {
                int end = 0;
                while (end < text.length() && Pattern.digit(text.charAt(end))) {
                    end++;
                }
                yield end == 0 || capture.captured(text.substring(0, end)) == null
                        ? List.of()
                        : List.of(text.substring(0, end));
            }
            case SEGMENT, REST -> List.of();
        };
    }
}
