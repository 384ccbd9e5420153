package weft.ui.tree;

/**
 * The grid that header, table head and rows share, in pixels from the left: source, rule, target, status. Names and
 * rule grow 3 : 2 : 3, shapes and status don't.
 */
public record Columns(double name, double shape, double rule, double status) {
    private static final double WIDE = 1440;
    private static final double NARROW = 1000;
    /** A window that shares its width with a lesson. */
    private static final double SHARED = 700;
    /** The same with large type. */
    private static final double LEAST = 430;

    /** For a width in pixels and a text size. */
    public static Columns of(double width, double scale) {
        double at100 = width / scale;
        double part = Math.clamp((at100 - NARROW) / (WIDE - NARROW), 0, 1);
        double share = Math.clamp((at100 - SHARED) / (NARROW - SHARED), 0, 1);
        double left = Math.clamp((at100 - LEAST) / (SHARED - LEAST), 0, 1);
        double name = mix(mix(mix(96, 166, left), 204, share), 320, part);
        double shape = mix(mix(mix(56, 86, left), 118, share), 128, part);
        double rule = mix(mix(mix(84, 128, left), 190, share), 308, part);
        double status = at100 - 2 * name - 2 * shape - rule;
        double most = mix(164, 236, part);
        if (status > most) {
            double more = status - most;
            name += more * 3 / 8;
            rule += more * 2 / 8;
            status = most;
        }
        return new Columns(Math.round(name * scale), Math.round(shape * scale), Math.round(rule * scale),
                Math.round(Math.max(mix(mix(40, 64, left), 120, share), status) * scale));
    }

    private static double mix(double from, double to, double part) {
        return from + (to - from) * part;
    }

    /** Whether there is no room for more than names and signs: a lesson stands beside the table. */
    public boolean isTight(double scale) {
        return name < 196 * scale;
    }

    public double ruleX() {
        return name + shape;
    }

    public double targetX() {
        return ruleX() + rule;
    }

    public double statusX() {
        return targetX() + name + shape;
    }
}
