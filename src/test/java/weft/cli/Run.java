package weft.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import weft.io.CheckpointException;
import weft.io.Json;

/** One run of the command line: what it printed and how it ended. */
record Run(String command, int status, String out, String err) {
    static final Path FIXTURES = Path.of("src/test/resources/fixtures");

    static Run weft(Object... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var words = Stream.concat(Stream.of(arguments).map(Object::toString),
                List.of(arguments).contains("--lang") ? Stream.of() : Stream.of("--lang", "en")).toArray(String[]::new);
        int status = Cli.run("1.2.3", words, new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8));
        return new Run(words.length == 0 ? "" : words[0], status, out.toString(StandardCharsets.UTF_8),
                err.toString(StandardCharsets.UTF_8));
    }

    /** Stdout as the one document it has to be. */
    Node json() {
        try {
            var document = Json.read(out, "stdout");
            if (Cli.commands().contains(command)) {
                JsonPage.check(command, document);
            }
            return new Node(document);
        } catch (CheckpointException e) {
            throw new AssertionError("not one JSON document: " + out + err, e);
        }
    }

    /** A value of a document, with short ways to what is inside. */
    record Node(Object value) {
        Node get(String path) {
            Object at = value;
            for (var key : path.split("\\.")) {
                at = at instanceof List<?> list ? list.get(Integer.parseInt(key)) : ((Map<?, ?>) at).get(key);
            }
            return new Node(at);
        }

        boolean has(String key) {
            return ((Map<?, ?>) value).containsKey(key);
        }

        List<String> keys() {
            return ((Map<?, ?>) value).keySet().stream().map(Object::toString).toList();
        }

        List<Node> list() {
            return ((List<?>) value).stream().map(Node::new).toList();
        }

        List<?> values() {
            return (List<?>) value;
        }

        String text() {
            return (String) value;
        }

        long whole() {
            return (Long) value;
        }

        double real() {
            return ((Number) value).doubleValue();
        }

        boolean truth() {
            return (Boolean) value;
        }

        double[] reals() {
            return list().stream().mapToDouble(Node::real).toArray();
        }
    }
}
