package weft.infer;

/**
 * The Vector API, loaded when something computes. {@code --add-modules jdk.incubator.vector} would make
 * every command print a warning to stderr, {@code weft --version} included, and start more slowly.
 *
 * <p>Classes that name {@code jdk.incubator.vector} may be touched only where {@link #isLoaded()} is true.
 */
public final class VectorApi {
    private static final boolean LOADED = load();

    private VectorApi() {}

    /** Whether the Vector API is there; if not, plain loops give the same numbers more slowly. */
    public static boolean isLoaded() {
        return LOADED;
    }

    private static boolean load() {
        String name = "jdk.incubator.vector";
        if (ModuleLayer.boot().findModule(name).isPresent()) { return true; }
        try {
            // What the JDK itself calls to load a module late, for instance for an agent. The JVM must have been started
            // with --add-exports java.base/jdk.internal.module=ALL-UNNAMED, as bin/weft and the build do.
            Class.forName("jdk.internal.module.Modules").getMethod("loadModule", String.class).invoke(null, name);
            return true;
        } catch (ReflectiveOperationException e) {
            return false; // no such module, no export, or a JDK that does it in another way
        }
    }
}
