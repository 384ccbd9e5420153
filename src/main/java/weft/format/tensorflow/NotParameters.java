package weft.format.tensorflow;

import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Tells a model's variables from what training keeps beside them, by the names TensorFlow's and Keras's optimizers
 * give them.
 */
final class NotParameters {
    static final String OPTIMIZER = "optimizer";
    static final String AUX = "aux";

    /** Words that follow a variable's name: {@code dense/kernel/Adam}, {@code dense/kernel/Adam_1}. */
    private static final Set<String> SLOTS = Set.of("Adam", "AdamW", "AdaMax", "Adagrad", "Adadelta", "Momentum",
            "RMSProp", "Ftrl", "LARSOptimizer", "GradientDescent", "AdamWeightDecayOptimizer", "adam_m", "adam_v",
            "lamb_m", "lamb_v", "SM3", "Adafactor", "AdafactorOptimizer");
    /** Words that stand before one: {@code Adam/dense/kernel/m}, {@code training/Adam/m/dense/kernel}. */
    private static final Pattern BEFORE = Pattern.compile(
            "(training/)?(Adam|AdamW|Adamax|Nadam|Adagrad|Adadelta|Adafactor|RMSprop|SGD|Ftrl|Lion|LAMB)/.+");
    /** An optimizer's own variables where no object graph tells. */
    private static final Pattern KERAS = Pattern.compile(
            "(^|/)optimizer/(_variables/\\d+|_?iter(ations)?|_?learning_rate|beta_[12]|decay|momentum|rho)/\\.ATTRIBUTES/");
    private static final Set<String> COUNTERS = Set.of("global_step", "beta1_power", "beta2_power", "iter",
            "iteration", "learning_rate");

    private NotParameters() {
    }

    /** Why a name isn't a parameter, or null if it is; {@code names} are all the names of the checkpoint. */
    static @Nullable String reason(String key, String name, Set<String> names) {
        // Keras 3 stores the model's own weights under optimizer/_trainable_variables: the shortest way to them.
        if (key.contains("/.OPTIMIZER_SLOT/") || KERAS.matcher(key).find()) { return OPTIMIZER; }
        int last = name.lastIndexOf('/');
        var tail = name.substring(last + 1);
        if (COUNTERS.contains(numbered(tail)) && last < 0) { return OPTIMIZER; }
        if (numbered(tail).equals("beta1_power") || numbered(tail).equals("beta2_power")) { return OPTIMIZER; }
        if (BEFORE.matcher(name).matches()) { return OPTIMIZER; }
        // A slot stands beside its variable; without one it may well be a layer somebody called so.
        if (last > 0 && names.contains(name.substring(0, last)) && SLOTS.contains(numbered(tail))) { return OPTIMIZER; }
        if (name.equals("save_counter") || key.equals("save_counter" + ObjectGraph.VALUE)) { return AUX; }
        return null;
    }

    /** The word without the number TensorFlow adds to make a name unique: {@code Adam_1} is {@code Adam}. */
    private static String numbered(String word) {
        int end = word.length();
        while (end > 0 && Character.isDigit(word.charAt(end - 1))) {
            end--;
        }
        return end < word.length() && end > 1 && word.charAt(end - 1) == '_' ? word.substring(0, end - 1) : word;
    }
}
