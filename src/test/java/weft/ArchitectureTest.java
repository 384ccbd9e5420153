package weft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import weft.docs.Committed;
import weft.picture.Drawing;
import weft.picture.Drawing.Anchor;
import weft.picture.Drawing.Ink;
import weft.picture.Svg;

/** The architecture page says what the compiled classes say: its table row by row, its picture arrow by arrow. */
class ArchitectureTest {
    private static final Path PAGE = Path.of("src/site/markdown/architecture.md");
    private static final double WIDTH = 104;
    private static final double HEIGHT = 38;
    private static final double ACROSS = 24;
    private static final double DOWN = 44;
    private static final double EDGE = 20;

    /** Where a room stands from left to right; how high it stands follows from the arrows. */
    private static final Map<String, Double> COLUMNS = Map.ofEntries(Map.entry("app", 2.0), Map.entry("ui", 1.5),
            Map.entry("cli", 2.5), Map.entry("lesson", 0.7), Map.entry("work", 2.0), Map.entry("report", 0.7),
            Map.entry("prove", 2.0), Map.entry("convert", 3.0), Map.entry("token", 4.9), Map.entry("picture", 0.7),
            Map.entry("infer", 2.0), Map.entry("text", 0.0), Map.entry("plan", 1.9), Map.entry("format.*", 3.9),
            Map.entry("arch", 1.0), Map.entry("rule", 2.0), Map.entry("format", 3.9), Map.entry("tensor", 1.5),
            Map.entry("name", 2.6), Map.entry("io", 1.5));

    /** Which rooms a room's classes use, by the rooms of {@link HouseTest}; the file formats are one. */
    private static Map<String, Set<String>> used() {
        var used = new TreeMap<String, Set<String>>();
        for (var type : HouseTest.WEFT) {
            var from = room(type.getPackageName());
            var to = used.computeIfAbsent(from, _ -> new TreeSet<>());
            type.getDirectDependenciesFromSelf().stream().map(d -> d.getTargetClass().getBaseComponentType())
                    .map(c -> c.getPackageName()).filter(p -> p.startsWith("weft.")).map(ArchitectureTest::room)
                    .filter(r -> !r.equals(from)).forEach(to::add);
        }
        return used;
    }

    private static String room(String name) {
        if (name.startsWith("weft.format.")) { return "format.*"; }
        var rest = name.substring("weft.".length());
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }

    @Test
    void the_table_says_what_each_room_uses() throws IOException {
        var told = new TreeSet<String>();
        var page = new StringBuilder();
        var used = used();
        for (var line : Files.readAllLines(PAGE)) {
            var cells = line.split("\\|", -1);
            if (cells.length == 5 && cells[1].strip().matches("`weft\\..*`")) {
                var room = cells[1].strip().replace("`", "").replace("weft.", "");
                told.add(room);
                var rooms = used.getOrDefault(room, Set.of());
                line = "|" + cells[1] + "|" + cells[2] + "| " + (rooms.isEmpty() ? "—" : String.join(", ", rooms))
                        + " |";
            }
            page.append(line).append('\n');
        }
        assertThat(told).isEqualTo(used.keySet());
        Committed.file(PAGE, page.toString());
    }

    @Test
    void every_room_may_use_what_it_uses() {
        // HouseTest refuses arrows that aren't allowed; that an allowed one is drawn, the picture's own test says.
        assertThat(used().keySet()).containsExactlyInAnyOrderElementsOf(
                HouseTest.HOUSE.stream().map(r -> room(r.name().replace("..", ""))).collect(Collectors.toSet()));
    }

    @Test
    void the_picture_shows_the_arrows_there_are() throws IOException {
        var used = used();
        var levels = levels(used);
        assertThat(COLUMNS.keySet()).as("a room without a column in the picture").containsAll(used.keySet());
        double last = used.keySet().stream().mapToDouble(COLUMNS::get).max().orElseThrow();
        int rows = levels.values().stream().mapToInt(l -> l).max().orElseThrow() + 1;
        double width = 2 * EDGE + last * (WIDTH + ACROSS) + WIDTH;
        double height = 2 * EDGE + rows * HEIGHT + (rows - 1) * DOWN;
        var places = new TreeMap<String, Drawing.Point>();
        levels.forEach((room, level) -> places.put(room, new Drawing.Point(EDGE + COLUMNS.get(room) * (WIDTH + ACROSS),
                height - EDGE - HEIGHT - level * (HEIGHT + DOWN))));
        var marks = new ArrayList<Drawing.Mark>();
        used.forEach((from, all) -> all.stream().filter(to -> all.stream()
                .noneMatch(other -> !other.equals(to) && reaches(other, to, used)))
                .forEach(to -> arrow(marks, places.get(from), places.get(to))));
        places.forEach((room, at) -> {
            marks.add(new Drawing.Box(at.x(), at.y(), WIDTH, HEIGHT, Ink.PART_0, Ink.PART_LINE));
            marks.add(new Drawing.Words(at.x() + WIDTH / 2, at.y() + 23, room, Ink.TEXT, Anchor.MIDDLE, true, true,
                    false));
        });
        Committed.picture("architecture.svg",
                Committed.standalone(Svg.of(new Drawing(width, height, marks), "The rooms of Weft and what they use")));
    }

    /** Straight down beside whatever stands between, then over to the room below. */
    private static void arrow(List<Drawing.Mark> marks, Drawing.Point from, Drawing.Point to) {
        double x1 = from.x() + WIDTH / 2 + Math.signum(to.x() - from.x()) * WIDTH / 6;
        double x2 = to.x() + WIDTH / 2 + Math.signum(from.x() - to.x()) * WIDTH / 4;
        double bend = to.y() - DOWN;
        var points = new ArrayList<>(List.of(new Drawing.Point(x1, from.y() + HEIGHT)));
        if (bend > from.y() + HEIGHT + 1) {
            points.add(new Drawing.Point(x1, bend));
        }
        double length = Math.hypot(x2 - x1, to.y() - bend);
        double ux = (x2 - x1) / length;
        double uy = (to.y() - bend) / length;
        points.add(new Drawing.Point(x2 - 2 * ux, to.y() - 2 * uy));
        marks.add(new Drawing.Path(points, Ink.ACCENT));
        for (int side : new int[]{-1, 1}) {
            marks.add(new Drawing.Path(
                    List.of(points.getLast(), new Drawing.Point(points.getLast().x() - 9 * ux - side * 4 * uy,
                            points.getLast().y() - 9 * uy + side * 4 * ux)),
                    Ink.ACCENT));
        }
    }

    /** Each room right below the lowest that uses it; one that nobody uses right above what it uses. */
    private static Map<String, Integer> levels(Map<String, Set<String>> used) {
        var depths = new TreeMap<String, Integer>();
        used.keySet().forEach(r -> depth(r, used, depths));
        int deepest = depths.values().stream().mapToInt(d -> d).max().orElseThrow();
        var levels = new TreeMap<String, Integer>();
        depths.forEach((room, depth) -> levels.put(room, deepest - depth));
        used.forEach((room, all) -> {
            if (depths.get(room) == 0 && !room.equals("app")) {
                levels.put(room, all.stream().mapToInt(levels::get).max().orElse(-1) + 1);
            }
        });
        return levels;
    }

    private static int depth(String room, Map<String, Set<String>> used, Map<String, Integer> depths) {
        var known = depths.get(room);
        if (known != null) { return known; }
        int depth = used.entrySet().stream().filter(e -> e.getValue().contains(room))
                .mapToInt(e -> depth(e.getKey(), used, depths) + 1).max().orElse(0);
        depths.put(room, depth);
        return depth;
    }

    private static boolean reaches(String from, String to, Map<String, Set<String>> used) {
        return used.get(from).stream().anyMatch(r -> r.equals(to) || reaches(r, to, used));
    }
}
