package weft.infer;

import org.ejml.data.FMatrixRMaj;

/**
 * Rotary positions: pairs of a head's channels turn by an angle that grows with the position, so that a query's product
 * with a key depends on their distance only. Su et al., <em>RoFormer</em> (2021). Channel j of the first half of a head
 * is paired with channel j of the second, as Hugging Face's weights have it.
 *
 * <p>
 * Frequencies and angles are rounded to f32 on the way, as the frameworks that trained the models do: at position
 * 100,000 that is a difference of a hundredth of a turn.
 */
final class Rope {
    private final float[] frequencies; // [k/2], radians a position
    private final float magnitude; // what cos and sin are multiplied with

    /** @param headSize k, even */
    Rope(int headSize, double base, RopeScaling scaling) {
        var plain = new double[headSize / 2];
        for (int j = 0; j < plain.length; j++) {
            plain[j] = Math.pow(base, -2.0 * j / headSize);
        }
        var scaled = scaling.frequencies(plain, base);
        frequencies = new float[plain.length];
        for (int j = 0; j < plain.length; j++) {
            frequencies[j] = (float) scaled[j];
        }
        magnitude = (float) scaling.magnitude();
    }

    /** Turns every head of x [n, heads·k], whose first row is at a position. */
    FMatrixRMaj turn(FMatrixRMaj x, int position) {
        int half = frequencies.length;
        var y = new FMatrixRMaj(x.numRows, x.numCols);
        for (int row = 0; row < x.numRows; row++) {
            for (int j = 0; j < half; j++) {
                float angle = (position + row) * frequencies[j];
                float cos = (float) Math.cos(angle) * magnitude;
                float sin = (float) Math.sin(angle) * magnitude;
                for (int head = row * x.numCols; head < (row + 1) * x.numCols; head += 2 * half) {
                    float a = x.data[head + j];
                    float b = x.data[head + half + j];
                    y.data[head + j] = a * cos - b * sin;
                    y.data[head + half + j] = b * cos + a * sin;
                }
            }
        }
        return y;
    }
}
