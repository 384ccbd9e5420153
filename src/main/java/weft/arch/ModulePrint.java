package weft.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import weft.arch.Listing.Entry;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.Shape;

/** What {@code print(model)} shows of a PyTorch module: its tree of submodules with their arguments. */
final class ModulePrint {
    private static final Pattern CHILD = Pattern
            .compile("\\(([^()\\s]{1,300})\\):\\s+(?:([0-9]{1,7})\\s+x\\s+)?([A-Za-z_][A-Za-z0-9_.]*)\\(");
    private static final Pattern PARAMETER = Pattern.compile(
            "\\(([^()\\s]{1,300})\\):\\s+(?:Parameter|Object|Tensor)[^\\[\\n]{0,80}"
                    + "\\[[^\\]]*?(?:of size\\s+([0-9x]*)|size\\s+([0-9x]*))[^\\]]*\\]");
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,7})-([0-9]{1,7})");
    private static final int DEEPEST = 200;

    private final String text;
    private final ModuleTypes types = ModuleTypes.shipped();
    private final List<Entry> entries = new ArrayList<>();
    private final List<String> opaque = new ArrayList<>();
    private int at;

    private record Node(String name, String type, String arguments, List<Node> children, List<Entry> own) {
    }

    private ModulePrint(String text) {
        this.text = text;
    }

    /** Empty if there is no printed module in the text. */
    static Optional<Listing> parse(String text) throws CheckpointException {
        var first = CHILD.matcher(text);
        if (!first.find()) { return Optional.empty(); }
        var print = new ModulePrint(text);
        print.at = first.start();
        var root = print.body("", "", 0);
        for (var child : root.children()) {
            print.expand("", child);
        }
        root.own().forEach(print.entries::add);
        return print.entries.isEmpty()
                ? Optional.empty()
                : Optional.of(new Listing(print.entries, print.opaque, Listing.Kind.MODULE));
    }

    /** Reads arguments and children up to the bracket that closes the module, or the end of a text that was cut. */
    private Node body(String name, String type, int depth) throws CheckpointException {
        if (depth > DEEPEST) {
            throw Problem.of(Code.LIMIT).field("print(model)").found(depth).expected(DEEPEST).asException();
        }
        var arguments = new StringBuilder();
        var children = new ArrayList<Node>();
        var own = new ArrayList<Entry>();
        var child = CHILD.matcher(text);
        var parameter = PARAMETER.matcher(text);
        int brackets = 0;
        char quote = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '(' && brackets == 0 && starts(child)) {
                at = child.end();
                children.add(body(child.group(1), child.group(3), depth + 1));
                continue;
            } else if (c == '(' && brackets == 0 && starts(parameter)) {
                var size = parameter.group(2) != null ? parameter.group(2) : parameter.group(3);
                var shape = size == null || size.isEmpty() ? Shape.SCALAR : ShapeText.parse(size);
                own.add(new Entry(parameter.group(1), shape, false));
                at = parameter.end();
                continue;
            } else if (c == '(' || c == '[' || c == '{') {
                brackets++;
            } else if (c == ')' || c == ']' || c == '}') {
                if (c == ')' && brackets == 0) {
                    at++;
                    if (depth > 0) { return new Node(name, type, arguments.toString().trim(), children, own); }
                    continue; // the outermost module's own bracket
                }
                brackets = Math.max(0, brackets - 1);
            } else if (c == '\'' || c == '"') {
                quote = c;
            }
            arguments.append(c);
            at++;
        }
        return new Node(name, type, arguments.toString().trim(), children, own);
    }

    private boolean starts(Matcher matcher) {
        return matcher.region(at, text.length()).lookingAt();
    }

    private void expand(String prefix, Node node) throws CheckpointException {
        var range = RANGE.matcher(node.name());
        long from = 0;
        long to = 0;
        if (range.matches()) {
            from = Long.parseLong(range.group(1));
            to = Long.parseLong(range.group(2));
        }
        int before = entries.size() + opaque.size();
        for (long i = from; i <= to; i++) {
            one(prefix + (range.matches() ? Long.toString(i) : node.name()), node);
            if (i == from && to > from) { // the others are like the first: what is too much is known before it is made
                long each = entries.size() + opaque.size() - before;
                if (each == 0) { return; }
                Listing.checkSize(before + each * (to - from + 1));
            }
        }
    }

    private void one(String name, Node node) throws CheckpointException {
        Listing.checkSize(entries.size() + opaque.size());
        var teller = types.child(node.type());
        var telling = node.children().stream().filter(c -> c.name().equals(teller)).findFirst();
        var arguments = telling.map(Node::arguments).orElse(node.arguments());
        var parameters = types.parameters(node.type(), arguments);
        for (var made : parameters) {
            entries.add(new Entry(name + "." + made.name(), made.shape(), made.buffer()));
        }
        node.own().forEach(p -> entries.add(new Entry(name + "." + p.name(), p.shape(), false)));
        for (var child : node.children()) {
            expand(name + ".", child);
        }
        if (parameters.isEmpty() && node.children().isEmpty() && node.own().isEmpty()
                && !types.isEmpty(node.type(), arguments)) {
            opaque.add(name);
        }
    }
}
