package weft;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.onlyDependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The arrows of the house: which room may use which, and why. Data travels one way. */
class HouseTest {
    /** The JDK (its incubating Vector API too) and annotations that leave no trace at run time. */
    private static final String[] EVERYWHERE = {"java..", "javax..", "jdk.incubator.vector..", "org.jspecify..",
        "com.google.errorprone.annotations.."};

    /** Rooms of which a face may touch the data, but not what computes it. */
    private static final String[] DATA_ROOMS = {"weft.plan..", "weft.rule..", "weft.arch..", "weft.tensor..",
        "weft.infer..", "weft.prove..", "weft.io.."};

    private static final String JACKSON = "tools.jackson..", JACKSON_ANNOTATIONS = "com.fasterxml.jackson.annotation..",
            PROTOBUF = "com.google.protobuf..";

    static final JavaClasses WEFT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("weft");

    /** A room, the rooms and libraries it may use, and why no more. A room is named with {@code ..} where it includes the rooms below it. */
    record Room(String name, String because, boolean dataOnlyToo, List<String> mayUse) {
        static Room of(String name, String because, String... mayUse) {
            return new Room(name, because, false, List.of(mayUse));
        }

        static Room face(String name, String because, String... mayUse) {
            return new Room(name, because, true, List.of(mayUse));
        }
    }

    static final List<Room> HOUSE = List.of(
            Room.of("weft.name..", "a name is text: its patterns and their order need nothing else"),
            Room.of("weft.io..",
                    "bytes are read before anybody knows that they are tensors; Jackson stays in this room, so that no other depends on it",
                    "weft.name..", JACKSON, JACKSON_ANNOTATIONS),
            Room.of("weft.tensor..", "a tensor knows neither the file format it came from nor the model it belongs to",
                    "weft.io..", "weft.name.."),
            Room.of("weft.format", "formats are found as services: what they share must not know any of them",
                    "weft.tensor..", "weft.io..", "weft.name.."),
            Room.of("weft.format.safetensors..",
                    "a format hands out tensors and knows nothing of models, rules or plans",
                    "weft.format", "weft.tensor..", "weft.io..", "weft.name.."),
            Room.of("weft.format.torch..", "a format hands out tensors and knows nothing of models, rules or plans",
                    "weft.format", "weft.tensor..", "weft.io..", "weft.name.."),
            Room.of("weft.format.tensorflow..",
                    "a format hands out tensors and knows nothing of models, rules or plans",
                    "weft.format", "weft.tensor..", "weft.io..", "weft.name..", PROTOBUF),
            Room.of("weft.format.keras..", "a format hands out tensors and knows nothing of models, rules or plans",
                    "weft.format", "weft.tensor..", "weft.io..", "weft.name..", "io.jhdf.."),
            Room.of("weft.format.mindspore..", "a format hands out tensors and knows nothing of models, rules or plans",
                    "weft.format", "weft.tensor..", "weft.io..", "weft.name.."),
            Room.of("weft.format.numpy..", "a format hands out tensors and knows nothing of models, rules or plans",
                    "weft.format", "weft.tensor..", "weft.io..", "weft.name.."),
            Room.of("weft.format.gguf..", "a format hands out tensors and knows nothing of models, rules or plans",
                    "weft.format", "weft.tensor..", "weft.io..", "weft.name.."),
            Room.of("weft.format.flax..", "a format hands out tensors and knows nothing of models, rules or plans",
                    "weft.format", "weft.tensor..", "weft.io..", "weft.name.."),
            Room.of("weft.format.onnx..", "a format hands out tensors and knows nothing of models, rules or plans",
                    "weft.format", "weft.tensor..", "weft.io..", "weft.name.."),
            Room.of("weft.arch..",
                    "what a model looks like doesn't depend on the file that holds it nor on what is done to it",
                    "weft.tensor..", "weft.io..", "weft.name.."),
            Room.of("weft.rule..", "an operation works on any tensor; that it serves a model is the plan's business",
                    "weft.tensor..", "weft.io..", "weft.name.."),
            Room.of("weft.plan..",
                    "a plan looks at names and shapes only; it can't read a file, so it can't be slow or fail half-way",
                    "weft.arch..", "weft.rule..", "weft.tensor..", "weft.io..", "weft.name.."),
            Room.of("weft.token..",
                    "text becomes ids without any weights; weft.work opens the files and hands in bytes",
                    "weft.io..", "weft.name..", "com.knuddels.jtokkit.."),
            Room.of("weft.infer..",
                    "the forward pass binds to a plan, so that preview, proof and conversion move values by the same chain",
                    "weft.plan..", "weft.arch..", "weft.rule..", "weft.tensor..", "weft.io..", "weft.name..",
                    "org.ejml.."),
            Room.of("weft.prove..", "a proof computes; it neither writes files nor words its findings",
                    "weft.infer..", "weft.token..", "weft.plan..", "weft.arch..", "weft.rule..", "weft.tensor..",
                    "weft.io..",
                    "weft.name..", "org.ejml.."),
            Room.of("weft.convert..",
                    "a conversion executes a plan into a writer; which file format that is, only weft.format knows",
                    "weft.plan..", "weft.rule..", "weft.arch..", "weft.format", "weft.tensor..", "weft.io..",
                    "weft.name.."),
            Room.of("weft.text..",
                    "lower rooms carry codes, and this room turns any of them into a sentence: it needs the codes and nothing else",
                    "weft.io.."),
            Room.of("weft.picture..",
                    "a picture is drawing data: the report writes it as SVG and the window paints it, so neither is known here",
                    "weft.plan..", "weft.arch..", "weft.io..", "weft.rule..", "weft.tensor..", "weft.text.."),
            Room.of("weft.report..", "a report prints what has been found; it starts no work of its own",
                    "weft.picture..", "weft.text..", "weft.prove..", "weft.plan..", "weft.arch..", "weft.rule..",
                    "weft.tensor..",
                    "weft.io..", "weft.name.."),
            Room.of("weft.work..",
                    "the use cases serve every face and therefore know none; formats are found as services",
                    "weft.name..", "weft.io..", "weft.tensor..", "weft.format", "weft.arch..", "weft.rule..",
                    "weft.plan..",
                    "weft.token..", "weft.infer..", "weft.prove..", "weft.convert..", "weft.text..", "weft.picture..",
                    "weft.report.."),
            Room.face("weft.lesson..",
                    "a lesson looks at what a person did, through the use cases: a check that planned by itself could pass what the window shows as wrong",
                    "weft.work..", "weft.name..", "weft.io.."),
            Room.face("weft.cli..",
                    "both faces are thin: neither plans, suggests, converts or verifies by itself, so they can't drift apart",
                    "weft.work..", "weft.text..", "weft.picture..", "picocli.."),
            Room.face("weft.ui..",
                    "both faces are thin: neither plans, suggests, converts or verifies by itself, so they can't drift apart",
                    "weft.work..", "weft.lesson..", "weft.text..", "weft.picture..", "javafx..", "atlantafx..",
                    "org.kordamp.ikonli.."),
            Room.of("weft.app..", "starting means wiring the faces to the use cases and nothing more",
                    "weft.cli..", "weft.ui..", "weft.work.."));

    @TestFactory
    Stream<DynamicTest> aRoomUsesOnlyTheRoomsOfItsRow() {
        return HOUSE.stream().map(room -> DynamicTest.dynamicTest(room.name(), () -> row(room).check(WEFT)));
    }

    @Test
    void everyClassStandsInARoomOfTheHouse() {
        classes().should().resideInAnyPackage(HOUSE.stream().map(Room::name).toArray(String[]::new))
                .because("a room without a row has no allowed arrows: add the row first").allowEmptyShould(true)
                .check(WEFT);
    }

    @Test
    void javaFxIsImportedOnlyByTheWindow() {
        noClasses().that().resideOutsideOfPackage("weft.ui..").should()
                .dependOnClassesThat()
                .resideInAnyPackage("javafx..", "com.sun.javafx..", "atlantafx..", "org.kordamp.ikonli..")
                .because("everything but the window works without a display, and is tested without a toolkit")
                .allowEmptyShould(true).check(WEFT);
    }

    @Test
    void formatsNeverMeet() {
        slices().matching("weft.format.(*)..").should().notDependOnEachOther()
                .because(
                        "a format is added or taken away without touching another; what two share belongs into weft.format or weft.io")
                .allowEmptyShould(true).check(WEFT);
    }

    @Test
    void everyPackageIsNullMarked() throws IOException {
        // From the sources, because a package without package-info has no class file that could lack the annotation.
        Path sources = Path.of("src/main/java");
        List<Path> folders;
        try (Stream<Path> files = Files.walk(sources)) {
            folders = files.filter(f -> f.toString().endsWith(".java")).map(Path::getParent).distinct().sorted()
                    .toList();
        }
        assertThat(folders).isNotEmpty().allSatisfy(folder -> {
            String name = sources.relativize(folder).toString().replace(folder.getFileSystem().getSeparator(), ".");
            assertThat(Class.forName(name + ".package-info").isAnnotationPresent(NullMarked.class)).isTrue();
        });
    }

    @Test
    void theHouseHasRooms() {
        // Empty rooms are fine, but if nothing at all is imported, all of the above says nothing.
        assertThat(WEFT.stream().map(JavaClass::getPackageName)).contains("weft.app");
    }

    private static ArchRule row(Room room) {
        List<String> allowed = new ArrayList<>(List.of(EVERYWHERE));
        allowed.add(room.name());
        allowed.addAll(room.mayUse());
        DescribedPredicate<JavaClass> reachable = component(resideInAnyPackage(allowed.toArray(String[]::new)));
        if (room.dataOnlyToo()) {
            reachable = reachable.or(component(resideInAnyPackage(DATA_ROOMS).and(IS_DATA)));
        }
        String names = String.join(", ", room.mayUse())
                + (room.dataOnlyToo() ? ", and the data of " + String.join(", ", DATA_ROOMS) : "");
        return classes().that(resideInAPackage(room.name()))
                .should(onlyDependOnClassesThat(reachable).as("use only " + (names.isEmpty() ? "the JDK" : names)))
                .because(room.because()).allowEmptyShould(true);
    }

    /** An array or a primitive is judged by what it is made of. */
    private static DescribedPredicate<JavaClass> component(DescribedPredicate<JavaClass> predicate) {
        return DescribedPredicate.describe(predicate.getDescription(),
                c -> c.getBaseComponentType().isPrimitive() || predicate.test(c.getBaseComponentType()));
    }

    /**
     * Records, enums, sealed types with the types they permit, and values ({@code Shape}: final, nothing in it changes, equal by
     * content). Three more go with them, for a face could not do without: an exception (a refusal is data that travels by
     * {@code throw}), {@code Progress}, which a face hands in to be told, and {@code Json}, the one way documents are written.
     */
    private static final DescribedPredicate<JavaClass> IS_DATA = DescribedPredicate.describe("are data",
            HouseTest::isData);

    private static boolean isData(JavaClass c) {
        Class<?> type = c.reflect();
        return type.isRecord() || type.isEnum() || type.isAnnotation() || Throwable.class.isAssignableFrom(type)
                || belongsToSealedType(type) || isValue(type) || c.getName().equals("weft.io.Progress")
                || c.getName().equals("weft.io.Json");
    }

    private static boolean isValue(Class<?> type) {
        try {
            return Modifier.isFinal(type.getModifiers())
                    && type.getMethod("equals", Object.class).getDeclaringClass() == type
                    && Stream.of(type.getDeclaredFields()).allMatch(f -> Modifier.isFinal(f.getModifiers()));
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean belongsToSealedType(Class<?> type) {
        return type.isSealed()
                || Stream.concat(Stream.of(type.getInterfaces()), Stream.ofNullable(type.getSuperclass()))
                        .anyMatch(parent -> parent.isSealed() && parent.getPackageName().startsWith("weft."));
    }
}
