

def log(x):
    """The natural logarithm of 0 < x < 1, bit for bit as java.lang.StrictMath has it (fdlibm, e_log.c)."""
    word = struct.unpack("<q", struct.pack("<d", x))[0]
    high, low = word >> 32, word & 0xFFFFFFFF
    k = (high >> 20) - 1023
    high &= 0xFFFFF
    up = (high + 0x95F64) & 0x100000
    k += up >> 20
    f = struct.unpack("<d", struct.pack("<q", (high | (up ^ 0x3FF00000)) << 32 | low))[0] - 1.0
    ln2_high, ln2_low = 6.93147180369123816490e-01, 1.90821492927058770002e-10
    if (0xFFFFF & (2 + high)) < 3:  # |f| < 2 ** -20
        if f == 0.0:
            return k * ln2_high + k * ln2_low
        r = f * f * (0.5 - 0.33333333333333333 * f)
        return f - r if k == 0 else k * ln2_high - ((r - k * ln2_low) - f)
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd_terms = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    even_terms = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (
        1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    r = even_terms + odd_terms
    if (high - 0x6147A) | (0x6B851 - high) > 0:
        half = 0.5 * f * f
        return f - (half - s * (half + r)) if k == 0 else k * ln2_high - ((half - (s * (half + r) + k * ln2_low)) - f)
    return f - s * (f - r) if k == 0 else k * ln2_high - ((s * (f - r) - k * ln2_low) - f)


def normal(shape, seed, deviation):
    """float64 numbers as java.util.Random.nextGaussian gives them one after another; its arithmetic is specified."""
    state = (seed ^ 0x5DEECE66D) & 0xFFFFFFFFFFFF

    def uniform():
        nonlocal state
        bits = 0
        for count in (26, 27):
            state = (state * 0x5DEECE66D + 0xB) & 0xFFFFFFFFFFFF
            bits = (bits << count) + (state >> (48 - count))
        return bits * 2.0 ** -53

    count, values = 1, []
    for size in shape:
        count *= size
    while len(values) < count:
        a, b = 2 * uniform() - 1, 2 * uniform() - 1
        square = a * a + b * b
        if 0 < square < 1:
            factor = math.sqrt(-2 * log(square) / square)
            values += [a * factor, b * factor]
    return (torch.tensor(values[:count], dtype=torch.float64) * deviation).reshape(shape)
