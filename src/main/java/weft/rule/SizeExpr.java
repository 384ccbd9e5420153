package weft.rule;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * A size: an integer or an expression over names, {@code h*k}, {@code 2*d}, {@code n/3}, {@code (a+b)*c}. Division
 * must come out even.
 */
public sealed interface SizeExpr {
    /** A number. */
    record Literal(long value) implements SizeExpr {
        @Override
        public String toString() {
            return Long.toString(value);
        }
    }

    /** A name looked up in {@link Sizes}. */
    record Name(String name) implements SizeExpr {
        @Override
        public String toString() {
            return name;
        }
    }

    /** {@code left operator right}. */
    record Binary(SizeExpr left, char operator, SizeExpr right) implements SizeExpr {
        @Override
        public String toString() {
            return side(left, false) + operator + side(right, true);
        }

        private String side(SizeExpr side, boolean isRight) {
            boolean needs = side instanceof Binary b && (rank(b.operator) < rank(operator)
                    || isRight && rank(b.operator) == rank(operator));
            return needs ? "(" + side + ")" : side.toString();
        }

        private static int rank(char operator) {
            return operator == '+' || operator == '-' ? 0 : 1;
        }
    }

    static SizeExpr of(long value) {
        return new Literal(value);
    }

    /** The value under these names. @throws CheckpointException {@code E-SIZE}: unknown name, remainder, overflow */
    default long value(Sizes sizes) throws CheckpointException {
        try {
            return switch (this) {
                case Literal literal -> literal.value();
                case Name name -> sizes.size(name.name())
                        .orElseThrow(() -> new ArithmeticException("unknown: " + name.name()));
                case Binary(var left, var operator, var right) -> {
                    long a = left.value(sizes);
                    long b = right.value(sizes);
                    yield switch (operator) {
                        case '+' -> Math.addExact(a, b);
                        case '-' -> Math.subtractExact(a, b);
                        case '*' -> Math.multiplyExact(a, b);
                        case '/' -> {
                            if (b == 0 || a % b != 0) {
                                throw new ArithmeticException(a + "/" + b);
                            }
                            yield a / b;
                        }
                        default -> throw new IllegalStateException(String.valueOf(operator));
                    };
                }
            };
        } catch (ArithmeticException e) {
            throw Problem.of(Code.E_SIZE).field(toString()).found(e.getMessage()).asException(e);
        }
    }

    /** @throws IllegalArgumentException with the text if it isn't a size */
    static SizeExpr parse(String text) {
        return new SizeParser(text).parse();
    }
}
