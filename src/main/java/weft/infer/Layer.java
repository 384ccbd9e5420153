package weft.infer;

import org.ejml.data.FMatrixRMaj;
import org.jspecify.annotations.Nullable;

import weft.tensor.TensorData;

/** A module with weights of its own, that maps each row by itself. */
sealed interface Layer {
    /** Its role without the parameter: {@code block.0.attn.q}. */
    String name();

    /** x [n, in] to [n, out]. */
    FMatrixRMaj apply(Kernels kernels, FMatrixRMaj x);

    /** y = x Wᵀ + b. @param weight W [out, in] @param bias b [out], or null */
    record Linear(String name, TensorData weight, float @Nullable [] bias) implements Layer {
        @Override
        public FMatrixRMaj apply(Kernels kernels, FMatrixRMaj x) {
            return kernels.linear(weight, bias, x);
        }
    }

    /**
     * y = (x − mean) / √(variance + ε) · w + b, mean and variance over a row. Ba, Kiros, Hinton, <em>Layer
     * Normalization</em> (2016).
     *
     * @param weight w [d]
     * @param bias b [d], or null
     */
    record LayerNorm(String name, float[] weight, float @Nullable [] bias, double epsilon) implements Layer {
        @Override
        public FMatrixRMaj apply(Kernels kernels, FMatrixRMaj x) {
            return eachRow(kernels, x, this::normalise);
        }

        private void normalise(float[] x, float[] y, int start, int d) {
            double sum = 0;
            for (int j = 0; j < d; j++) {
                sum += x[start + j];
            }
            double mean = sum / d;
            double squares = 0;
            for (int j = 0; j < d; j++) {
                double centred = x[start + j] - mean;
                squares += centred * centred;
            }
            double scale = 1 / Math.sqrt(squares / d + epsilon);
            for (int j = 0; j < d; j++) {
                double normal = (x[start + j] - mean) * scale;
                y[start + j] = (float) (normal * weight[j] + (bias == null ? 0 : bias[j]));
            }
        }
    }

    /**
     * y = x / √(mean of x² + ε) · w over a row. Zhang, Sennrich, <em>Root Mean Square Layer Normalization</em> (2019).
     *
     * @param weight w [d]
     */
    record RmsNorm(String name, float[] weight, double epsilon) implements Layer {
        @Override
        public FMatrixRMaj apply(Kernels kernels, FMatrixRMaj x) {
            return eachRow(kernels, x, this::normalise);
        }

        private void normalise(float[] x, float[] y, int start, int d) {
            double squares = 0;
            for (int j = 0; j < d; j++) {
                squares += (double) x[start + j] * x[start + j];
            }
            double scale = 1 / Math.sqrt(squares / d + epsilon);
            for (int j = 0; j < d; j++) {
                y[start + j] = (float) (x[start + j] * scale * weight[j]);
            }
        }
    }

    /** Makes a row of y out of the same row of x. */
    interface RowFormula {
        /** @param start of the row in both @param d its length */
        void apply(float[] x, float[] y, int start, int d);
    }

    private static FMatrixRMaj eachRow(Kernels kernels, FMatrixRMaj x, RowFormula formula) {
        int d = x.numCols;
        var y = new FMatrixRMaj(x.numRows, d);
        kernels.eachRow(x.numRows, d, row -> formula.apply(x.data, y.data, row * d, d));
        return y;
    }
}
