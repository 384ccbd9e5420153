package weft.ui.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Names with what they share taken out: {@code W_{query,key,value}.weight}, {@code h{0…11}}. */
public final class Names {
    private Names() {
    }

    static boolean isSeparator(char c) {
        return c == '.' || c == '/';
    }

    /** The longest beginning all names share that ends behind a separator; empty if there is none. */
    public static String commonFolder(List<String> names) {
        var common = common(names);
        int end = common.length();
        while (end > 0 && !isSeparator(common.charAt(end - 1))) {
            end--;
        }
        return common.substring(0, end);
    }

    private static String common(List<String> names) {
        if (names.isEmpty()) { return ""; }
        var first = names.getFirst();
        int end = first.length();
        for (var name : names) {
            int i = 0;
            while (i < end && i < name.length() && name.charAt(i) == first.charAt(i)) {
                i++;
            }
            end = i;
        }
        return first.substring(0, end);
    }

    /** Several names as one: what differs stands in braces. */
    static String braced(List<String> names) {
        var distinct = names.stream().distinct().toList();
        if (distinct.size() < 2) { return distinct.isEmpty() ? "" : distinct.getFirst(); }
        var before = common(distinct);
        var reversed = distinct.stream().map(n -> new StringBuilder(n.substring(before.length())).reverse().toString())
                .toList();
        var after = new StringBuilder(common(reversed)).reverse().toString();
        return before + distinct.stream().map(n -> n.substring(before.length(), n.length() - after.length()))
                .collect(Collectors.joining(",", "{", "}")) + after;
    }

    /** Names that differ in one number: {@code h{0…6,8…11}}; else the first one and an ellipsis. */
    static String ranged(List<String> names) {
        if (names.size() < 2) { return names.isEmpty() ? "" : names.getFirst(); }
        int at = common(names).length();
        while (at > 0 && Character.isDigit(names.getFirst().charAt(at - 1))) {
            at--;
        }
        var numbers = new ArrayList<Long>();
        String rest = null;
        for (var name : names) {
            int end = at;
            while (end < name.length() && end - at < 18 && Character.isDigit(name.charAt(end))) {
                end++;
            }
            if (end == at || rest != null && !rest.equals(name.substring(end))) { return names.getFirst() + " …"; }
            rest = name.substring(end);
            numbers.add(Long.valueOf(name.substring(at, end)));
        }
        return names.getFirst().substring(0, at) + "{" + ranges(numbers) + "}" + rest;
    }

    private static String ranges(List<Long> numbers) {
        var parts = new ArrayList<String>();
        for (int i = 0; i < numbers.size();) {
            int j = i;
            while (j + 1 < numbers.size() && numbers.get(j + 1) == numbers.get(j) + 1) {
                j++;
            }
            parts.add(j == i
                    ? "" + numbers.get(i)
                    : numbers.get(i) + (j == i + 1 ? "," : "…") + numbers.get(j));
            i = j + 1;
        }
        return String.join(",", parts);
    }

    /** The last segment of a path: {@code model/h7} → {@code h7}; a segment of digits only keeps what is before it. */
    public static String shortName(String path) {
        int cut = path.length();
        do {
            cut--;
            while (cut >= 0 && !isSeparator(path.charAt(cut))) {
                cut--;
            }
        } while (cut > 0 && path.substring(cut + 1).chars().allMatch(Character::isDigit));
        return path.substring(cut + 1);
    }
}
