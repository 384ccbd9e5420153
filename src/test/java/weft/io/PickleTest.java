package weft.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import weft.io.PickleValue.BigInt;
import weft.io.PickleValue.Bool;
import weft.io.PickleValue.Bytes;
import weft.io.PickleValue.Dict;
import weft.io.PickleValue.Int;
import weft.io.PickleValue.None;
import weft.io.PickleValue.Opaque;
import weft.io.PickleValue.Persistent;
import weft.io.PickleValue.Real;
import weft.io.PickleValue.Sequence;
import weft.io.PickleValue.Text;

/** Programs in opcodes, written by hand or by Python's own pickle ({@code pickle.dumps(x, protocol).hex()}). */
class PickleTest {
    /** A program, one character a byte. */
    private static PickleValue read(String program) throws CheckpointException {
        return read(program.getBytes(ISO_8859_1));
    }

    private static PickleValue read(byte[] program) throws CheckpointException {
        return Pickle.read("x.pkl", MemorySegment.ofArray(program), 0).value();
    }

    private static PickleValue hex(String program) throws CheckpointException {
        return read(HexFormat.of().parseHex(program));
    }

    private static Problem refused(String program) {
        var thrown = catchThrowableOfType(CheckpointException.class, () -> read(program));
        assertThat(thrown).as(program).isNotNull();
        return thrown.problem();
    }

    @Test
    void reads_what_each_protocol_of_python_writes() throws Exception {
        // {"a": [1, -2, 2**40, 2**70, 1.5, None, True, b"\xff\x00", "é中"], "t": (1, (2, 3), ()), "s": {1}}
        for (var program : PYTHON) {
            var dict = (Dict) hex(program);
            var list = ((Sequence) dict.get("a")).items();
            assertThat(list.subList(0, 7)).containsExactly(new Int(1), new Int(-2), new Int(1L << 40),
                    new BigInt(BigInteger.ONE.shiftLeft(70)), new Real(1.5), None.NONE, new Bool(true));
            assertThat(((Bytes) list.get(7)).value()).containsExactly(0xff, 0);
            assertThat(list.get(8)).isEqualTo(new Text("é中"));
            var tuple = (Sequence) dict.get("t");
            assertThat(tuple.kind()).isEqualTo(Sequence.Kind.TUPLE);
            assertThat(tuple.items().get(0)).isEqualTo(new Int(1));
            assertThat(((Sequence) tuple.items().get(1)).items()).containsExactly(new Int(2), new Int(3));
            assertThat(((Sequence) tuple.items().get(2)).items()).isEmpty();
            var set = (Sequence) dict.get("s");
            assertThat(set.kind()).isEqualTo(Sequence.Kind.SET);
            assertThat(set.items()).containsExactly(new Int(1));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            cos\\nsystem\\n.                            | os.system
            cposix\\nsystem\\n(S'ls'\\ntR.              | posix.system
            cnt\\nsystem\\n.                            | nt.system
            c__builtin__\\neval\\n.                     | __builtin__.eval
            cbuiltins\\nexec\\n.                        | builtins.exec
            cbuiltins\\ngetattr\\n.                     | builtins.getattr
            cbuiltins\\n__import__\\n.                  | builtins.__import__
            cbuiltins\\nopen\\n.                        | builtins.open
            cbuiltins\\nprint\\n.                       | builtins.print
            csubprocess\\nPopen\\n.                     | subprocess.Popen
            csys\\nexit\\n.                             | sys.exit
            crunpy\\n_run_code\\n.                      | runpy._run_code
            cpickle\\nloads\\n.                         | pickle.loads
            cimportlib\\nimport_module\\n.              | importlib.import_module
            csocket\\nsocket\\n.                        | socket.socket
            cshutil\\nrmtree\\n.                        | shutil.rmtree
            cctypes\\nCDLL\\n.                          | ctypes.CDLL
            coperator\\nattrgetter\\n.                  | operator.attrgetter
            cos.path\\njoin\\n.                         | os.path.join
            cio\\nopen\\n.                              | io.open
            c_io\\nFileIO\\n.                           | _io.FileIO
            ctypes\\nFunctionType\\n.                   | types.FunctionType
            ccopyreg\\nadd_extension\\n.                | copyreg.add_extension
            ctorch\\nload\\n.                           | torch.load
            ctorch.storage\\n_load_from_bytes\\n.       | torch.storage._load_from_bytes
            ctorch.hub\\nload\\n.                       | torch.hub.load
            ctorch.serialization\\nos\\n.               | torch.serialization.os
            ctorch.serialization\\nos.system\\n.        | torch.serialization.os.system
            ccollections\\nOrderedDict.__globals__\\n.  | collections.OrderedDict.__globals__
            cmailcap\\nfindmatch\\n.                   | mailcap.findmatch
            c_xxsubinterpreters\\nrun_string\\n.       | _xxsubinterpreters.run_string
            cnumpy.testing._private.utils\\nrunstring\\n. | numpy.testing._private.utils.runstring
            (S'ls'\\nios\\nsystem\\n.                   | os.system
            """)
    void refuses_names_that_could_do_harm(String program, String name) {
        var problem = refused(program.strip().replace("\\n", "\n"));
        assertThat(problem.code()).isEqualTo(Code.PICKLE_CALL);
        assertThat(problem.found()).isEqualTo(name);
        assertThat(problem.offset()).isEqualTo(program.startsWith("(") ? 7 : 0);
    }

    /** Whole modules name their classes; a person's file may well be called like one of Python's. */
    @ParameterizedTest
    @ValueSource(strings = {"ctest\nModel\n", "cmodel\nGPT\n", "c__main__\nModel\n",
        "ctorch.nn.modules.linear\nLinear\n",
        "ctorch._dynamo.eval_frame\nOptimizedModule\n", "cfunctools\npartial\n", "cpathlib\nPosixPath\n",
        "cnumpy.core.multiarray\nscalar\n", "cscipy.signal\nFilter\n", "cbuiltins\nValueError\n", "cio\nBytesIO\n",
        "ctransformers.training_args\nTrainingArguments\n", "cmodel\nOuter.Inner\n", "ccollections\ndefaultdict\n"})
    void takes_harmless_names_as_names(String program) throws Exception {
        assertThat(read(program + ".")).isInstanceOf(PickleValue.Global.class);
    }

    @Test
    void finds_a_name_put_together_from_strings_and_the_memo() {
        var problem = refused(
                "\u0080\u0004\u008c\u0002os\u0094\u008c\u0006system\u009400\u0095\0\0\0\0\0\0\0\0N0h\0h\1\u0093.");
        assertThat(problem.code()).isEqualTo(Code.PICKLE_CALL);
        assertThat(problem.found()).isEqualTo("os.system");
        assertThat(problem.offset()).isEqualTo(33);
    }

    @Test
    void refuses_to_call_what_a_call_returned() {
        var problem = refused("cmylib\nfactory\n)R)R.");
        assertThat(problem.code()).isEqualTo(Code.PICKLE_CALL);
        assertThat(problem.found()).isEqualTo("mylib.factory()");
        assertThat(problem.offset()).isEqualTo(18);
    }

    @Test
    void an_unknown_class_stays_a_name_with_its_arguments_and_state() throws Exception {
        var made = (Opaque) read("cargparse\nNamespace\n)\u0081}X\2\0\0\0lrG\77\360\0\0\0\0\0\0sb.");
        assertThat(made.type().qualified()).isEqualTo("argparse.Namespace");
        assertThat(made.called()).isFalse();
        assertThat(((Dict) made.state()).entries()).isEqualTo(Map.of(new Text("lr"), new Real(1)));
        var called = (Opaque) read("cdatetime\ndate\n(K\1K\2tR.");
        assertThat(called.called()).isTrue();
        assertThat(called.argument(1)).isEqualTo(new Int(2));
        assertThat(called.argument(2)).isNull();
        assertThat(called.offset()).isEqualTo(21);
    }

    @Test
    void ordered_dicts_and_what_is_outside_the_pickle() throws Exception {
        var dict = (Dict) read("ccollections\nOrderedDict\n)R(X\1\0\0\0aK\1X\1\0\0\0bK\2u}X\1\0\0\0mNsb.");
        assertThat(dict.entries().keySet()).containsExactly(new Text("a"), new Text("b"));
        assertThat(((Dict) dict.state()).get("m")).isEqualTo(None.NONE);
        var python2 = (Dict) read("ccollections\nOrderedDict\n(](U\1aK\1tatR.");
        assertThat(python2.get("a")).isEqualTo(new Int(1));
        assertThat(((Persistent) read("K\7Q.")).id()).isEqualTo(new Int(7));
        assertThat(((Persistent) read("Pname\n.")).id()).isEqualTo(new Text("name"));
    }

    @Test
    void plain_values_are_maps_lists_and_numbers_within_a_limit() throws Exception {
        var program = "}(X\4\0\0\0itos}(K\0X\1\0\0\0aK\1X\1\0\0\0buX\1\0\0\0n](K\7Ne"
                + "X\1\0\0\0tcenum\nKind\nX\1\0\0\0x\u0085Ru.";
        assertThat(PlainValues.of(read(program), 100))
                .isEqualTo(Map.of("itos", Map.of("0", "a", "1", "b"), "n", List.of(7L), "t", "x"));
        assertThat(PlainValues.of(read(program), 5)).isNull();
        assertThat(PlainValues.of(read("]q\0h\0a."), 1000)).isNotNull();
    }

    @Test
    void a_list_that_holds_itself_is_fine() throws Exception {
        var list = (Sequence) read("]q\0h\0a.");
        assertThat(list.items().getFirst()).isSameAs(list);
        assertThat(list.hashCode()).isEqualTo(list.hashCode());
    }

    @Test
    void tells_where_the_pickle_ends() throws Exception {
        var result = Pickle.read("x", MemorySegment.ofArray("K\1.K\2.".getBytes(ISO_8859_1)), 100);
        assertThat(result.end()).isEqualTo(103);
        assertThat(result.value()).isEqualTo(new Int(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "K", "X\377\377\377\377abc", "X\5\0\0\0ab", "\u008d\377\377\377\377\377\377\377\377x",
        "B\0\0\0\200", "\u0096\377\377\377\377\377\377\377\177", "cos", "cos\nsystem", "\u0095\377\0\0\0\0\0\0\0",
        "T\0\0\0\u0080",
        "I12", "]q\0", "\u008a\12abc"})
    void a_length_beyond_the_end_is_truncated_and_allocates_nothing(String program) {
        assertThat(refused(program).code()).isEqualTo(Code.TRUNCATED);
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "0.", "R.", "t.", "h\0.", "N(.", "NN.", "K\1K\2a.", "NK\1K\2s.", "K\1b.", "(K\1u.",
        "}(K\1u.", "I1x\n.", "Fx\n.", "S'abc\n.", "gx\n.", "\u0082\1.", "\u0097.", "\377.", "K\1K\2\u0093.", "(o.",
        "ccollections\nOrderedDict\n(]K\1atR.", "(2.", ")K\1a."})
    void a_broken_program_is_refused(String program) {
        assertThat(refused(program).code()).isEqualTo(Code.BAD_PICKLE);
    }

    @Test
    void limits_are_on_what_is_built() {
        assertThat(refused("(".repeat(1_000_001) + ".").field()).isEqualTo("stack");
        assertThat(refused("Nr\200\226\230\0.").field()).isEqualTo("memo");
        assertThat(refused("I" + "1".repeat(2000) + "\n.").field()).isEqualTo("integer");
        assertThat(refused("\u008b\377\377\377\177.").field()).isEqualTo("integer");
        assertThat(refused("\u0080\6N.").code()).isEqualTo(Code.UNSUPPORTED_VERSION);
    }

    @Test
    void deep_nesting_needs_no_stack_of_ours() throws Exception {
        var depth = 200_000;
        var program = "]".repeat(depth) + "a".repeat(depth - 1) + ".";
        assertThat(((Sequence) read(program)).items()).hasSize(1);
    }

    @Test
    void strings_that_are_no_utf8_and_escapes_of_old_protocols() throws Exception {
        assertThat(read("U\2\377ab0.".replace("ab0", "a"))).isEqualTo(new Text("ÿa"));
        assertThat(read("S'a\\x41\\n\\\\'\n.")).isEqualTo(new Text("aA\n\\"));
        assertThat(read("V\\u00e9\\U0001f642x\n.")).isEqualTo(new Text("é🙂x"));
        assertThat(read("I01\n.")).isEqualTo(new Bool(true));
        assertThat(read("L123L\n.")).isEqualTo(new Int(123));
        assertThat(read("Fnan\n.")).isEqualTo(new Real(Double.NaN));
        assertThat(((Bytes) read("c_codecs\nencode\n(V\\u00ff\nVlatin1\ntR.")).value()).containsExactly(0xff);
    }

    @Test
    void a_mutated_pickle_is_read_or_refused() throws Exception {
        for (var python : PYTHON) {
            var good = HexFormat.of().parseHex(python);
            for (int seed = 0; seed < 500; seed++) {
                var random = new Random(seed);
                var bytes = good.clone();
                for (int i = 0; i <= random.nextInt(4); i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
                try {
                    read(bytes);
                } catch (CheckpointException expected) {
                    // Refused: fine.
                } catch (RuntimeException | Error e) {
                    throw new AssertionError("seed " + seed, e);
                }
            }
        }
    }

    /** {@code pickle.dumps(x, protocol).hex()} for protocols 0 to 5. */
    private static final List<String> PYTHON = List.of(
            "286470300a56610a70310a286c70320a49310a61492d320a614c313039393531313632373737364c0a614c3131383035"
                    + "39313632303731373431313330333432344c0a6146312e350a614e614930310a61635f636f646563730a656e636f6465"
                    + "0a70330a2856ff5c75303030300a70340a566c6174696e310a70350a7470360a5270370a6156e95c75346532640a7038"
                    + "0a617356740a70390a2849310a2849320a49330a747031300a2874747031310a7356730a7031320a635f5f6275696c74"
                    + "696e5f5f0a7365740a7031330a28286c7031340a49310a61747031350a527031360a732e",
            "7d71002858010000006171015d7102284b014afeffffff4c313039393531313632373737364c0a4c3131383035393136"
                    + "32303731373431313330333432344c0a473ff80000000000004e4930310a635f636f646563730a656e636f64650a7103"
                    + "285803000000c3bf00710458060000006c6174696e3171057471065271075805000000c3a9e4b8ad7108655801000000"
                    + "747109284b01284b024b0374710a2974710b580100000073710c635f5f6275696c74696e5f5f0a7365740a710d285d71"
                    + "0e4b016174710f527110752e",
            "80027d71002858010000006171015d7102284b014afeffffff8a060000000000018a09000000000000000040473ff800"
                    + "00000000004e88635f636f646563730a656e636f64650a71035803000000c3bf00710458060000006c6174696e317105"
                    + "8671065271075805000000c3a9e4b8ad71086558010000007471094b014b024b0386710a2987710b580100000073710c"
                    + "635f5f6275696c74696e5f5f0a7365740a710d5d710e4b016185710f527110752e",
            "80037d71002858010000006171015d7102284b014afeffffff8a060000000000018a09000000000000000040473ff800"
                    + "00000000004e884302ff0071035805000000c3a9e4b8ad71046558010000007471054b014b024b038671062987710758"
                    + "01000000737108636275696c74696e730a7365740a71095d710a4b016185710b52710c752e",
            "80049558000000000000007d94288c0161945d94284b014afeffffff8a060000000000018a0900000000000000004047"
                    + "3ff80000000000004e884302ff00948c05c3a9e4b8ad94658c0174944b014b024b0386942987948c0173948f94284b01"
                    + "90752e",
            "80059558000000000000007d94288c0161945d94284b014afeffffff8a060000000000018a0900000000000000004047"
                    + "3ff80000000000004e884302ff00948c05c3a9e4b8ad94658c0174944b014b024b0386942987948c0173948f94284b01"
                    + "90752e");
}
