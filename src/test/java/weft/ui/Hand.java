package weft.ui;

import java.util.ConcurrentModificationException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javafx.application.Platform;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import javafx.stage.Stage;
import javafx.stage.Window;

import org.testfx.api.FxRobot;
import org.testfx.robot.Motion;
import org.testfx.service.query.EmptyNodeQueryException;
import org.testfx.service.query.PointQuery;
import org.testfx.util.WaitForAsyncUtils;

/**
 * The mouse and the keyboard of a test. On the headless platform it waits for what is to happen and for no time: what it
 * points at is there, and after each press the window's thread has done everything and laid out once. A real display
 * answers when it likes; there the robot is TestFX's own, which rests after each press.
 */
final class Hand extends FxRobot {
    private static final boolean HEADLESS = "Headless".equals(System.getProperty("glass.platform"));

    /** Waits until the window's thread has done what it was asked, and every scene was laid out once more. */
    static void settle() {
        var done = new CountDownLatch(1);
        Platform.runLater(() -> Window.getWindows().stream().filter(Stage.class::isInstance).map(Window::getScene)
                .filter(s -> s != null).findFirst()
                .ifPresentOrElse(s -> afterLayout(s, () -> Platform.runLater(done::countDown)), done::countDown));
        try {
            if (!done.await(60, TimeUnit.SECONDS)) { throw new IllegalStateException("the window's thread is stuck"); }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void afterLayout(Scene scene, Runnable then) {
        scene.addPostLayoutPulseListener(new Runnable() {
            @Override
            public void run() {
                scene.removePostLayoutPulseListener(this);
                then.run();
            }
        });
        Platform.requestNextPulse();
    }

    /** Does something on the window's thread, and waits until it shows. */
    static void onFx(Runnable run) {
        var thrown = new AtomicReference<Throwable>();
        Platform.runLater(() -> {
            try {
                run.run();
            } catch (RuntimeException | Error e) {
                thrown.set(e);
            }
        });
        settle();
        if (thrown.get() != null) { throw new AssertionError("on the window's thread", thrown.get()); }
    }

    /**
     * Waits, a minute at most, until something is so. It is looked at beside the window's thread, so a node may not be
     * there yet, or a list change under the look: then it isn't so yet.
     */
    static void await(Callable<Boolean> condition) throws TimeoutException {
        WaitForAsyncUtils.waitFor(60, TimeUnit.SECONDS, () -> {
            try {
                return condition.call();
            } catch (EmptyNodeQueryException | IndexOutOfBoundsException | ConcurrentModificationException _) {
                return false;
            }
        });
        settle();
    }

    // ---------------------------------------------------------------- mouse

    @Override
    public FxRobot moveTo(PointQuery point, Motion motion) {
        if (!HEADLESS) { return super.moveTo(point, motion); }
        robotContext().getMouseRobot().moveNoWait(point.query());
        settle();
        return this;
    }

    @Override
    public FxRobot clickOn(PointQuery point, Motion motion, MouseButton... buttons) {
        if (!HEADLESS) { return super.clickOn(point, motion, buttons); }
        moveTo(point, motion);
        robotContext().getMouseRobot().pressNoWait(buttons);
        robotContext().getMouseRobot().releaseNoWait(buttons);
        settle();
        return this;
    }

    @Override
    public FxRobot moveBy(double x, double y, Motion motion) {
        if (!HEADLESS) { return super.moveBy(x, y, motion); }
        var mouse = robotContext().getBaseRobot().retrieveMouse();
        robotContext().getMouseRobot().moveNoWait(new Point2D(mouse.getX() + x, mouse.getY() + y));
        settle();
        return this;
    }

    /** Waits for what it is to click on, and that it has its place. */
    @Override
    public FxRobot clickOn(String query, Motion motion, MouseButton... buttons) {
        var found = new AtomicReference<Node>();
        try {
            await(() -> {
                onFx(() -> found.set(lookup(query).<Node>queryAll().stream().filter(Hand::isInReach).findFirst()
                        .orElse(null)));
                return found.get() != null;
            });
        } catch (TimeoutException e) {
            throw new AssertionError("nothing to click on: " + query, e);
        }
        return clickOn(found.get(), motion, buttons);
    }

    private static boolean isInReach(Node node) {
        for (var up = node; up != null; up = up.getParent()) {
            if (!up.isVisible()) { return false; }
        }
        return node.getScene() != null && node.getLayoutBounds().getWidth() > 0;
    }

    // ---------------------------------------------------------------- keyboard

    @Override
    public FxRobot push(KeyCode... keys) {
        if (!HEADLESS) { return super.push(keys); }
        tap(keys);
        settle();
        return this;
    }

    private void tap(KeyCode... keys) {
        var keyboard = robotContext().getKeyboardRobot();
        for (var key : keys) {
            keyboard.pressNoWait(key);
        }
        for (int i = keys.length - 1; i >= 0; i--) {
            keyboard.releaseNoWait(keys[i]);
        }
    }

    @Override
    public FxRobot type(KeyCode key, int times) {
        if (!HEADLESS) { return super.type(key, times); }
        for (int i = 0; i < times; i++) {
            tap(key);
        }
        settle();
        return this;
    }

    @Override
    public FxRobot write(String text) {
        if (!HEADLESS) { return super.write(text); }
        var window = listWindows().stream().filter(Window::isFocused).findFirst()
                .orElseGet(() -> listWindows().getFirst());
        for (char letter : text.toCharArray()) {
            var key = letter == '\n' ? KeyCode.ENTER : letter == '\t' ? KeyCode.TAB : KeyCode.UNDEFINED;
            robotContext().getBaseRobot().typeKeyboard(window.getScene(), key, Character.toString(letter));
        }
        settle();
        return this;
    }
}
