package weft.io;

import java.util.Arrays;
import java.util.Set;

/**
 * Which names a pickle may mention. Weft never looks a name up, so no name can do harm here; but a file that names one
 * of these was made to harm whoever loads it with Python, and nobody should go on trusting its tensors.
 */
final class PickleGlobals {
    /** Top-level modules that run code, start processes, open files or connections, or reach into the interpreter. */
    private static final Set<String> DANGEROUS_MODULES = Set.of("os", "posix", "nt", "sys", "subprocess",
            "_posixsubprocess", "_winapi", "posixpath", "ntpath", "runpy", "pickle", "_pickle", "cPickle",
            "pickletools",
            "dill", "cloudpickle", "joblib", "marshal", "shelve", "importlib", "_frozen_importlib",
            "_frozen_importlib_external", "imp", "zipimport", "pkgutil", "socket", "_socket", "socketserver", "ssl",
            "shutil", "ctypes", "_ctypes", "cffi", "mmap", "operator", "_operator", "code", "codeop", "pty", "tty",
            "commands", "webbrowser", "asyncio", "multiprocessing", "_multiprocessing", "threading", "_thread",
            "concurrent", "signal", "_signal", "pdb", "bdb", "cmd", "timeit", "cProfile", "profile", "trace", "doctest",
            "pip", "ensurepip", "venv", "setuptools", "pkg_resources", "distutils", "pydoc", "site", "platform",
            "tempfile", "glob", "fileinput", "linecache", "inspect", "gc", "tarfile", "zipfile", "urllib", "urllib2",
            "urllib3", "http", "httplib", "requests", "httpx", "aiohttp", "ftplib", "telnetlib", "smtplib", "poplib",
            "imaplib", "nntplib", "xmlrpc", "paramiko", "sqlite3", "idlelib", "lib2to3", "unittest", "turtle",
            "ast", "compileall", "py_compile", "symtable", "readline", "rlcompleter", "resource", "fcntl", "popen2",
            "antigravity", "IPython", "_aix_support", "_osx_support", "_pyrepl", "nturl2path", "bpython", "sched",
            "mailcap",
            "jsonpickle", "_xxsubinterpreters", "_interpreters", "_testcapi", "_testinternalcapi");

    /** Most modules import some of these, so that any name leads to them: {@code torch.serialization}, {@code os}. */
    private static final Set<String> IMPORTED_ANYWHERE = Set.of("os", "sys", "subprocess", "posix", "nt", "importlib",
            "builtins", "ctypes", "socket", "shutil", "pickle", "_pickle", "runpy", "operator", "eval", "exec");

    /** Of these modules only the names listed are harmless. */
    private static final Set<String> BUILTINS = Set.of("set", "frozenset", "list", "tuple", "dict", "object", "int",
            "long", "float", "complex", "bool", "bytes", "bytearray", "str", "unicode", "basestring", "slice", "range",
            "xrange", "type", "NoneType", "Ellipsis", "NotImplemented");
    private static final Set<String> COPYREG = Set.of("_reconstructor", "__newobj__", "__newobj_ex__");
    private static final Set<String> IO = Set.of("BytesIO", "StringIO");
    private static final Set<String> TYPES = Set.of("SimpleNamespace", "MappingProxyType", "NoneType", "GenericAlias");

    /** Single functions of otherwise harmless packages that read files, load pickles or run what they are given. */
    private static final Set<String> DANGEROUS_NAMES = Set.of("torch.load", "torch.save", "torch.serialization.load",
            "torch.serialization.save", "torch.serialization._load", "torch.serialization._legacy_load",
            "torch.storage._load_from_bytes", "torch.jit.load", "torch.compile", "torch._utils_internal",
            "torch.ops.load_library", "torch.classes.load_library", "torch.utils.data.datapipes.utils.decoder",
            "torch.distributed.rpc", "numpy.load", "numpy.loadtxt", "numpy.genfromtxt", "numpy.fromfile",
            "numpy.memmap", "numpy.save", "numpy.savetxt", "codecs.open", "uuid._get_command_stdout",
            "uuid._popen", "logging.FileHandler", "functools.reduce", "functools.partialmethod",
            "pandas.read_pickle", "pandas.io.pickle", "pandas.core.computation", "_codecs.open");

    /** Whole branches of otherwise harmless packages. */
    private static final String[] DANGEROUS_BRANCHES = {"torch.hub.", "torch.package.", "torch._inductor.",
        "torch._dynamo.guards.", "torch.jit.unsupported_tensor_ops.", "test.support.",
        "torch.utils.cpp_extension.", "torch.utils.collect_env.", "torch.utils.bottleneck.",
        "torch.utils._config_module.", "torch.utils.model_dump.", "torch.fx.", "torch.testing.",
        "torch.multiprocessing.", "torch.distributed.rpc.", "torch.distributed.launch.", "torch.distributed.run.",
        "torch.distributed.elastic.", "torch.ops.", "torch.cuda._pluggable_allocator.", "numpy.testing.",
        "numpy.f2py.", "numpy.distutils.", "numpy.ctypeslib.", "logging.config.", "logging.handlers.",
        "scipy.weave.", "setuptools.", "transformers.dynamic_module_utils.", "tensorflow.io.", "sympy.", "cython.",
        "numba.", "cffi."};

    private PickleGlobals() {
    }

    /** Whether a file that wants this name is refused. {@code name} may be dotted ({@code STACK_GLOBAL}). */
    static boolean isDangerous(String module, String name) {
        var top = module.split("\\.", 2)[0];
        if (DANGEROUS_MODULES.contains(top)) { return true; }
        switch (top) {
            case "builtins", "__builtin__", "__builtins__" -> {
                return !module.equals(top) || !BUILTINS.contains(name) && !isException(name);
            }
            case "copyreg", "copy_reg" -> {
                return !COPYREG.contains(name);
            }
            case "io", "_io", "cStringIO", "StringIO" -> {
                return !IO.contains(name) && !top.equals("StringIO") && !top.equals("cStringIO");
            }
            case "types" -> {
                return !TYPES.contains(name);
            }
            default -> {
                // A library: see its single names.
            }
        }
        // From protocol 4 on a dotted name walks attributes: "torch", "serialization.os.system".
        var steps = name.split("\\.", -1);
        if (steps.length > 1 && Arrays.stream(steps).anyMatch(DANGEROUS_MODULES::contains)
                || Arrays.stream(steps).anyMatch(PickleGlobals::isInternal)) {
            return true;
        }
        if (IMPORTED_ANYWHERE.contains(name)) { return true; }
        var qualified = module + "." + name;
        return DANGEROUS_NAMES.contains(qualified) || Arrays.stream(DANGEROUS_BRANCHES).anyMatch(qualified::startsWith);
    }

    private static boolean isException(String name) {
        return name.endsWith("Error") || name.endsWith("Exception") || name.endsWith("Warning");
    }

    /** {@code __globals__}, {@code __builtins__}, {@code __import__}: the ways from any object to everything. */
    private static boolean isInternal(String name) {
        return name.length() > 4 && name.startsWith("__") && name.endsWith("__");
    }
}
