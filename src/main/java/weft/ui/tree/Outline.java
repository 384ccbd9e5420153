package weft.ui.tree;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.plan.Plan;
import weft.plan.Producer;
import weft.plan.Row;
import weft.tensor.TensorInfo;
import weft.ui.tree.Item.Kind;
import weft.ui.tree.Item.Label;
import weft.ui.tree.Item.Tag;
import weft.work.NameOrder;

/**
 * A plan as people look at it: parameters that one rule makes of the same tensors are one relation, relations are
 * grouped by module and by block, blocks that are alike are folded. The order is the architecture's. It needs no
 * stage, and takes time proportional to the plan.
 */
public final class Outline {
    /** What one or several tensors make: the smallest line. */
    private record Relation(List<TensorInfo> tensors, List<Row> rows) {
        /** The name it is sorted and grouped by. */
        String name() {
            return rows.isEmpty() ? tensors.getFirst().name() : rows.getFirst().target().name();
        }

        List<String> targets() {
            return rows.stream().map(r -> r.target().name()).toList();
        }

        /** The names on the left; what an adapter adds has a folder of its own and isn't counted among them. */
        List<String> sources() {
            var own = tensors.stream().map(TensorInfo::name).filter(n -> !n.startsWith(ADAPTER)).toList();
            return own.isEmpty() ? tensors.stream().map(TensorInfo::name).toList() : own;
        }

        boolean isMerged() {
            return sources().size() < tensors.size();
        }
    }

    /** A name taken apart: {@code trf_blocks.} {@code 7} {@code att.mask}; the number as it is written, {@code 07} too. */
    private record Place(String template, String block, String rest) {
    }

    private static final Comparator<String> BY_NUMBER = Comparator.<String, Long>comparing(Long::valueOf)
            .thenComparing(Comparator.naturalOrder());

    private static final String ADAPTER = "adapter:";
    private final Predicate<Relation> wanted;
    private final String faint;
    private final Map<String, Set<String>> blocks = new HashMap<>();

    private Outline(List<Relation> relations, String faint, Predicate<Relation> wanted) {
        this.wanted = wanted;
        this.faint = faint;
        for (var relation : relations) {
            var place = place(relation.name());
            if (place != null) {
                blocks.computeIfAbsent(place.template(), _ -> new HashSet<>()).add(place.block());
            }
        }
    }

    /** All source tensors, where no target is chosen yet. */
    public static List<Item> of(List<TensorInfo> tensors, Predicate<Row> rows, Predicate<TensorInfo> wanted) {
        return of(tensors.stream().map(t -> new Relation(List.of(t), List.of())).toList(), tensors, rows, wanted);
    }

    /**
     * A plan's rows, then the tensors nothing uses.
     *
     * @param rows which parameters are shown: the filter and the search
     * @param tensors which unused tensors are
     */
    public static List<Item> of(Plan plan, Predicate<Row> rows, Predicate<TensorInfo> tensors) {
        var relations = new ArrayList<Relation>();
        var together = new HashMap<Object, List<Row>>();
        for (var row : plan.rows()) {
            var key = togetherKey(row);
            if (key == null) {
                relations.add(new Relation(row.sources(), List.of(row)));
            } else {
                var group = together.get(key);
                if (group == null) {
                    group = new ArrayList<>();
                    together.put(key, group);
                    relations.add(new Relation(row.sources(), group));
                }
                group.add(row);
            }
        }
        var left = new LinkedHashSet<>(plan.unexpected());
        left.addAll(plan.unused());
        plan.source().tensors().stream().filter(t -> left.contains(t.name()))
                .forEach(t -> relations.add(new Relation(List.of(t), List.of())));
        return of(relations, plan.source().tensors(), rows, tensors);
    }

    private static List<Item> of(List<Relation> relations, List<TensorInfo> tensors, Predicate<Row> rows,
            Predicate<TensorInfo> wanted) {
        var faint = Names.commonFolder(tensors.stream().map(TensorInfo::name).toList());
        return new Outline(relations, faint, r -> r.rows().isEmpty()
                ? wanted.test(r.tensors().getFirst())
                : r.rows().stream().anyMatch(rows)).items(relations);
    }

    /** Rows of one rule and the same tensors stand together; null for a row of its own. */
    private static @Nullable Object togetherKey(Row row) {
        return row.producer() instanceof Producer.FromSources from && from.chain().out().size() > 1
                ? List.of(from.chain(), from.sources())
                : null;
    }

    /** The first number of a name that ends a segment, if something follows. */
    private static @Nullable Place place(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (!Character.isDigit(name.charAt(i))) {
                continue;
            }
            int end = i;
            while (end < name.length() && end - i < 18 && Character.isDigit(name.charAt(end))) {
                end++;
            }
            if (end < name.length() - 1 && Names.isSeparator(name.charAt(end))) {
                return new Place(name.substring(0, i), name.substring(i, end), name.substring(end + 1));
            }
            i = end;
        }
        return null;
    }

    private @Nullable Place blockOf(Relation relation) {
        var place = place(relation.name());
        return place != null && blocks.getOrDefault(place.template(), Set.of()).size() > 1 ? place : null;
    }

    private List<Item> items(List<Relation> relations) {
        var groups = new LinkedHashMap<String, List<Relation>>();
        var templates = new LinkedHashMap<String, TreeMap<String, List<Relation>>>();
        var order = new LinkedHashSet<String>();
        for (var relation : ordered(relations.stream().filter(wanted).toList())) {
            var place = blockOf(relation);
            if (place != null) {
                // a block that only the source has stands apart from the target's
                var key = (relation.rows().isEmpty() ? "s:" : "t:") + place.template();
                order.add("#" + key);
                templates.computeIfAbsent(key, _ -> new TreeMap<>(BY_NUMBER))
                        .computeIfAbsent(place.block(), _ -> new ArrayList<>()).add(relation);
            } else {
                var name = relation.name();
                int cut = Math.max(name.lastIndexOf('.'), name.lastIndexOf('/'));
                var key = (relation.rows().isEmpty() ? "s:" : "t:") + (cut < 0 ? name : name.substring(0, cut + 1));
                order.add(key);
                groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(relation);
            }
        }
        var items = new ArrayList<Item>();
        for (var key : order) {
            var blocksOfIt = templates.get(key.substring(1));
            if (key.startsWith("#") && blocksOfIt != null) {
                items.addAll(folded(key, blocksOfIt));
                continue;
            }
            var members = groups.getOrDefault(key, List.of());
            var folder = key.substring(2);
            boolean whole = folder.isEmpty() || faint.startsWith(folder) || members.size() == 1;
            if (whole) {
                members.forEach(r -> items.add(relation(r, "", faint)));
            } else {
                items.add(group(key, members, folder, "", faint));
            }
        }
        return items;
    }

    /** As people count where a file's writer sorted by letters; what the target has before what nothing uses. */
    private static List<Relation> ordered(List<Relation> relations) {
        var made = relations.stream().filter(r -> !r.rows().isEmpty()).toList();
        var left = relations.stream().filter(r -> r.rows().isEmpty()).toList();
        return Stream.concat(NameOrder.shown(made, Relation::name, _ -> "").stream(), NameOrder
                .shown(left, Relation::name, r -> r.tensors().getFirst().dtype()).stream()).toList();
    }

    /** Blocks of one kind: those that are alike folded where the first of them stands, the odd ones in their places. */
    private List<Item> folded(String key, Map<String, List<Relation>> byBlock) {
        var made = new ArrayList<Item>();
        var alike = new LinkedHashMap<List<Object>, List<Item>>();
        byBlock.forEach((number, relations) -> {
            var block = block(key, number, relations);
            made.add(block);
            alike.computeIfAbsent(signature(block), _ -> new ArrayList<>()).add(block);
        });
        if (made.size() < 2) { return made; }
        List<Item> most = List.of();
        for (var candidates : alike.values()) {
            most = candidates.size() > most.size() ? candidates : most;
        }
        if (most.size() < 2) { return made; }
        var fold = most;
        var odd = made.stream().filter(b -> !fold.contains(b)).toList();
        var oddNames = odd.stream().map(Outline::shortName).toList();
        var items = new ArrayList<Item>();
        var first = fold.getFirst()
                .with(new Tag(odd.isEmpty() ? Tag.What.ONE_OF : Tag.What.SOME, fold.size(), "", oddNames));
        var others = fold.subList(1, fold.size());
        var rest = fold(key + "rest", others, new Tag(Tag.What.LIKE, others.size(), shortName(first), List.of()),
                others);
        var together = fold(key, fold,
                new Tag(odd.isEmpty() ? Tag.What.ALL : Tag.What.SOME, fold.size(), "", oddNames),
                List.of(first, others.size() == 1 ? others.getFirst().with(rest.tag()) : rest));
        for (var block : made) {
            if (block == fold.getFirst()) {
                items.add(together);
            } else if (odd.contains(block)) {
                items.add(block.with(new Tag(Tag.What.ODD, 1, "", List.of())));
            }
        }
        return items;
    }

    private static String shortName(Item block) {
        return Names.shortName(block.source().isEmpty()
                ? block.target().text()
                : block.source().faint() + block.source().text());
    }

    private Item fold(String id, List<Item> members, Tag tag, List<Item> children) {
        var rows = members.stream().flatMap(b -> b.rows().stream()).toList();
        return new Item(id, Kind.FOLD, ranged(members.stream().map(Item::source).toList()),
                ranged(members.stream().map(Item::target).toList()), rows,
                distinct(members.stream().map(Item::tensors).toList()), chips(members), tag, children);
    }

    private static Label ranged(List<Label> labels) {
        return labels.getFirst().isEmpty()
                ? Label.NONE
                : new Label(labels.getFirst().faint(), Names.ranged(labels.stream().map(Label::text).toList()));
    }

    /** What makes two blocks alike: names inside the block, shapes, chips and status. */
    private static List<Object> signature(Item block) {
        var signature = new ArrayList<Object>();
        add(block, signature);
        return signature;
    }

    private static void add(Item item, List<Object> signature) {
        // a part of a relation is named by it already; an adapter's own names hold the layer's number
        if (item.kind() != Kind.BLOCK && item.kind() != Kind.PART) {
            signature.add(item.source());
            signature.add(item.target());
        }
        signature.add(item.counts());
        signature.add(item.hidden());
        if (item.isRelation()) {
            signature.add(item.chips());
            item.tensors().forEach(t -> {
                signature.add(t.shape());
                signature.add(t.dtype());
                signature.add(t.broken() == null);
            });
            item.rows().forEach(r -> signature.add(r.target().shape()));
        }
        item.children().forEach(c -> add(c, signature));
    }

    private Item block(String key, String number, List<Relation> relations) {
        boolean sourceOnly = key.startsWith("#s:");
        var name = key.substring(3) + number;
        var sourceFolder = Names.commonFolder(relations.stream().flatMap(r -> r.sources().stream()).toList());
        var targetFolder = sourceOnly ? "" : name + separatorAfter(relations.getFirst().name(), name);
        if (sourceOnly) {
            sourceFolder = name + separatorAfter(relations.getFirst().name(), name);
        }
        var groups = new LinkedHashMap<String, List<Relation>>();
        for (var relation : relations) {
            var inside = relation.name().substring(name.length() + 1);
            int cut = 0;
            while (cut < inside.length() && !Names.isSeparator(inside.charAt(cut))) {
                cut++;
            }
            groups.computeIfAbsent(inside.substring(0, Math.min(cut + 1, inside.length())), _ -> new ArrayList<>())
                    .add(relation);
        }
        var children = new ArrayList<Item>();
        for (var group : groups.entrySet()) {
            if (group.getValue().size() == 1) {
                children.add(relation(group.getValue().getFirst(), targetFolder, sourceFolder));
            } else {
                children.add(group(key + number + "/" + group.getKey(), group.getValue(),
                        sourceOnly ? "" : targetFolder + group.getKey(), targetFolder, sourceFolder));
            }
        }
        return new Item(key + number, Kind.BLOCK,
                sourceFolder.length() <= faint.length()
                        ? Label.NONE
                        : label(sourceFolder.substring(0, sourceFolder.length() - 1)),
                sourceOnly ? Label.NONE : new Label("", name), rows(relations),
                distinct(relations.stream().map(Relation::tensors).toList()), chips(children), null, children);
    }

    private static String separatorAfter(String name, String prefix) {
        return name.substring(prefix.length(), prefix.length() + 1);
    }

    private Label label(String name) {
        return name.startsWith(faint) ? new Label(faint, name.substring(faint.length())) : new Label("", name);
    }

    private Item group(String id, List<Relation> members, String folder, String outerTarget, String outerSource) {
        var sourceFolder = Names.commonFolder(members.stream().flatMap(r -> r.sources().stream()).toList());
        boolean named = sourceFolder.length() > outerSource.length() && sourceFolder.startsWith(outerSource);
        var source = Label.NONE;
        if (named) {
            var name = sourceFolder.substring(0, sourceFolder.length() - 1);
            source = outerSource.equals(faint) ? label(name) : new Label("", name.substring(outerSource.length()));
        }
        var inner = named ? sourceFolder : outerSource;
        var children = members.stream().map(r -> relation(r, folder, inner)).toList();
        var rows = rows(members);
        if (rows.isEmpty() && source.isEmpty() && !folder.isEmpty()) {
            source = label(folder.substring(0, folder.length() - 1));
        }
        var target = folder.isEmpty() || rows.isEmpty()
                ? Label.NONE
                : new Label("", folder.substring(outerTarget.length(), folder.length() - 1));
        return new Item(id, Kind.GROUP, source, target, rows,
                distinct(members.stream().map(Relation::tensors).toList()), chips(children), null, children);
    }

    private static List<Row> rows(Collection<Relation> relations) {
        return relations.stream().flatMap(r -> r.rows().stream()).toList();
    }

    private static List<TensorInfo> distinct(Collection<List<TensorInfo>> lists) {
        var seen = new HashSet<String>();
        return lists.stream().flatMap(List::stream).filter(t -> seen.add(t.name())).toList();
    }

    private Item relation(Relation relation, String targetFolder, String sourceFolder) {
        var rows = relation.rows();
        var chips = Chip.of(rows);
        var id = "=" + (rows.isEmpty() ? "s:" : "t:") + relation.name();
        var sources = relation.sources();
        var children = new ArrayList<Item>();
        for (var row : rows.size() > 1 ? rows : List.<Row>of()) {
            children.add(new Item("p" + id + ">" + row.target().name(), Kind.PART, Label.NONE,
                    inside(row.target().name(), targetFolder), List.of(row), List.of(), List.of(), null, List.of()));
        }
        for (var tensor : relation.tensors().size() > 1 ? relation.tensors() : List.<TensorInfo>of()) {
            children.add(new Item("p" + id + "<" + tensor.name(), Kind.PART, inside(tensor.name(), sourceFolder),
                    Label.NONE, List.of(), List.of(tensor), List.of(), null, List.of()));
        }
        var source = sources.isEmpty()
                ? Label.NONE
                : inside(Names.braced(sources) + (relation.isMerged() ? " + adapter" : ""), sourceFolder);
        var target = rows.isEmpty() ? Label.NONE : inside(Names.braced(relation.targets()), targetFolder);
        return new Item(id, Kind.RELATION, source, target, rows, relation.tensors(), chips, null, children);
    }

    private Label inside(String name, String folder) {
        if (folder.equals(faint)) { return label(name); }
        return new Label("", name.startsWith(folder) ? name.substring(folder.length()) : name);
    }

    /** A group shows chips only if all in it share them. */
    private static List<Chip> chips(List<Item> children) {
        var first = children.isEmpty() ? List.<Chip>of() : children.getFirst().chips();
        return children.stream().allMatch(c -> c.chips().equals(first)) ? first : List.of();
    }
}
