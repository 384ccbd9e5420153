package weft.ui;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.List;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.testfx.api.FxToolkit;
import org.testfx.framework.junit5.ApplicationExtension;

/**
 * A test with a window. JavaFX brings everything but the libraries that lay out text; where Linux lacks one of them the
 * test is skipped and says so, because it would end in a linker's error.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith({Windowed.NativeText.class, Windowed.WithHand.class})
@interface Windowed {

    /** Hands out the quicker robot, and forgets the events of the test before: TestFX keeps all, and with them their views. */
    final class WithHand extends ApplicationExtension {
        @Override
        public void beforeEach(ExtensionContext context) throws Exception {
            super.beforeEach(context);
            FxToolkit.toolkitContext().setRegisteredStage(FxToolkit.toolkitContext().getRegisteredStage());
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return new Hand();
        }
    }

    /** Looks for the libraries without starting the toolkit. */
    final class NativeText implements ExecutionCondition {
        private static final List<String> LIBRARIES = List.of("libpangoft2-1.0.so.0", "libfontconfig.so.1",
                "libfreetype.so.6");

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (!System.getProperty("os.name").equals("Linux")) {
                return ConditionEvaluationResult.enabled("text is part of the system");
            }
            var missing = LIBRARIES.stream().filter(l -> !isThere(l)).toList();
            if (missing.isEmpty()) { return ConditionEvaluationResult.enabled("text libraries are there"); }
            var reason = "Window test skipped: " + String.join(", ", missing)
                    + " missing (Debian: libpangoft2-1.0-0 libfontconfig1 libfreetype6 fonts-noto-cjk)";
            System.out.println(reason);
            return ConditionEvaluationResult.disabled(reason);
        }

        private static boolean isThere(String library) {
            try (var arena = Arena.ofConfined()) {
                SymbolLookup.libraryLookup(library, arena);
                return true;
            } catch (IllegalArgumentException e) {
                return false;
            }
        }
    }
}
