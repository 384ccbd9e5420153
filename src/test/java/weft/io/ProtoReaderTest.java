package weft.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import com.google.protobuf.CodedOutputStream;
import org.junit.jupiter.api.Test;

class ProtoReaderTest {
    private static ProtoReader of(int... bytes) {
        var array = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            array[i] = (byte) bytes[i];
        }
        return ProtoReader.of(MemorySegment.ofArray(array), "file", 1000);
    }

    @Test
    void reads_what_protobuf_writes() throws Exception {
        var bytes = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(bytes);
        out.writeInt64(1, Long.MIN_VALUE);
        out.writeInt32(2, -5);
        out.writeString(3, "é中🙂");
        out.writeFixed32(4, 0xdeadbeef);
        out.writeFixed64(5, 0x0123456789abcdefL);
        out.writeBool(6, true);
        out.writeByteArray(536_870_911, new byte[]{8, 42});
        out.flush();
        var reader = ProtoReader.of(MemorySegment.ofArray(bytes.toByteArray()), "file", 0);
        assertThat(reader.next()).isTrue();
        assertThat(reader.field()).isEqualTo(1);
        assertThat(reader.int64()).isEqualTo(Long.MIN_VALUE);
        assertThat(reader.next()).isTrue();
        assertThat(reader.int32()).isEqualTo(-5);
        assertThat(reader.next()).isTrue();
        assertThat(reader.isDelimited()).isTrue();
        assertThat(reader.text()).isEqualTo("é中🙂");
        assertThat(reader.next()).isTrue();
        assertThat(reader.fixed32()).isEqualTo(0xdeadbeef);
        assertThat(reader.next()).isTrue();
        assertThat(reader.fixed64()).isEqualTo(0x0123456789abcdefL);
        assertThat(reader.next()).isTrue();
        assertThat(reader.bool()).isTrue();
        assertThat(reader.next()).isTrue();
        assertThat(reader.field()).isEqualTo(536_870_911);
        var inner = reader.message();
        assertThat(inner.offset()).isEqualTo(bytes.size() - 2);
        assertThat(inner.next()).isTrue();
        assertThat(inner.int64()).isEqualTo(42);
        assertThat(inner.next()).isFalse();
        assertThat(reader.next()).isFalse();
        var again = reader.again();
        for (int fields = 0; fields < 7; fields++) {
            assertThat(again.next()).isTrue();
            again.skip();
        }
        assertThat(again.next()).isFalse();
    }

    @Test
    void a_message_in_place_is_a_slice_and_names_the_very_byte() throws Exception {
        var reader = of(0x0a, 3, 0x08, 0x96, 0x01, 0x10);
        reader.next();
        assertThat(reader.bytes().toArray(ValueLayout.JAVA_BYTE)).containsExactly(8, (byte) 0x96, 1);
        assertThat(reader.next()).isTrue();
        assertBad(reader::int64, 1006, "varint"); // nothing after the tag
        var outer = of(0x0a, 3, 0x08, 0x96, 0x81);
        outer.next();
        var inner = outer.message();
        inner.next();
        assertBad(inner::int64, 1003, "varint");
        var unpacked = ProtoReader.unpacked(MemorySegment.ofArray(new byte[]{8}), "file", 77);
        unpacked.next();
        assertBad(unpacked::int64, 77, "varint");
    }

    @Test
    void refuses_what_no_message_is() {
        assertBad(() -> of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01).next(), 1000, "varint");
        assertBad(() -> of(0x00).next(), 1000, "tag");
        assertBad(() -> of(0xff, 0xff, 0xff, 0xff, 0x7f).next(), 1000, "tag");
        assertBad(() -> read(of(0x0a, 5, 1), Kind.BYTES), 1002, "field 1");
        assertBad(() -> read(of(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01), Kind.BYTES), 1011,
                "field 1");
        assertBad(() -> read(of(0x0d, 1, 2, 3), Kind.FIXED32), 1001, "field 1");
        assertBad(() -> read(of(0x08, 1), Kind.BYTES), 1000, "field 1");
        assertBad(() -> read(of(0x08, 0xff, 0xff, 0xff, 0xff, 0x1f), Kind.INT32), 1001, "int32");
        assertBad(() -> read(of(0x0a, 2, 0xc3, 0x28), Kind.TEXT), 1001, "text");
        assertBad(() -> read(of(0x0b), Kind.SKIP), 1000, "wire type"); // a group
    }

    private enum Kind {
        BYTES, FIXED32, INT32, TEXT, SKIP
    }

    private static void read(ProtoReader reader, Kind kind) throws CheckpointException {
        reader.next();
        switch (kind) {
            case BYTES -> reader.bytes();
            case FIXED32 -> reader.fixed32();
            case INT32 -> reader.int32();
            case TEXT -> reader.text();
            case SKIP -> reader.skip();
        }
    }

    private static void assertBad(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, long offset,
            String field) {
        assertThatThrownBy(call).isInstanceOfSatisfying(CheckpointException.class, e -> {
            assertThat(e.code()).isEqualTo(Code.BAD_HEADER);
            assertThat(e.problem().file()).isEqualTo("file");
            assertThat(e.problem().offset()).isEqualTo(offset);
            assertThat(e.problem().field()).isEqualTo(field);
        });
    }
}
