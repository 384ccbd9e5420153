package weft.text;

/** Characters that take two columns of a terminal, and a whole em where Latin takes about half of one (Unicode, UAX #11). */
public final class Wide {
    private Wide() {
    }

    public static boolean is(int codePoint) {
        return codePoint >= 0x1100 && codePoint <= 0x115f || codePoint >= 0x2e80 && codePoint <= 0xa4cf
                || codePoint >= 0xac00 && codePoint <= 0xd7a3 || codePoint >= 0xf900 && codePoint <= 0xfaff
                || codePoint >= 0xfe30 && codePoint <= 0xfe6f || codePoint >= 0xff00 && codePoint <= 0xff60
                || codePoint >= 0xffe0 && codePoint <= 0xffe6 || codePoint >= 0x1f300 && codePoint <= 0x1faff
                || codePoint >= 0x20000;
    }
}
