package weft.cli;

import java.io.PrintStream;

import weft.io.Progress;

/** How far the work has come, on one line of a terminal; silent where nobody watches. */
final class Percent implements Progress {
    private final PrintStream err;
    private final boolean watched;
    private long shown = -1;

    Percent(PrintStream err) {
        this.err = err;
        var console = System.console();
        this.watched = console != null && console.isTerminal();
    }

    @Override
    public void at(long done, long total) {
        if (!watched || total <= 0) { return; }
        long percent = done * 100 / total;
        if (percent != shown) {
            shown = percent;
            err.print("\r" + percent + " %" + (percent >= 100 ? "\r      \r" : ""));
            err.flush();
        }
    }
}
