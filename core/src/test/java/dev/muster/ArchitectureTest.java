package dev.muster;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethod;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@AnalyzeClasses(packages = "dev.muster", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule importsPointDown = layeredArchitecture()
      .consideringOnlyDependenciesInLayers()
      .layer("front door")
      .definedBy("dev.muster")
      .optionalLayer("internal")
      .definedBy("dev.muster.internal..")
      .layer("spi")
      .definedBy("dev.muster.spi")
      .layer("plan, run")
      .definedBy("dev.muster.plan", "dev.muster.run", "dev.muster.probe", "dev.muster.code")
      .layer("workflow, execution")
      .definedBy("dev.muster.workflow", "dev.muster.execution")
      .layer("resource, value")
      .definedBy("dev.muster.resource", "dev.muster.value")
      .layer("error")
      .definedBy("dev.muster.error")
      .whereLayer("front door")
      .mayNotBeAccessedByAnyLayer()
      .whereLayer("internal")
      .mayOnlyBeAccessedByLayers("front door")
      .whereLayer("spi")
      .mayOnlyBeAccessedByLayers("front door", "internal")
      .whereLayer("plan, run")
      .mayOnlyBeAccessedByLayers("front door", "internal", "spi")
      .whereLayer("workflow, execution")
      .mayOnlyBeAccessedByLayers("front door", "internal", "spi", "plan, run")
      .whereLayer("resource, value")
      .mayOnlyBeAccessedByLayers(
          "front door", "internal", "spi", "plan, run", "workflow, execution");

  @ArchTest
  static final ArchRule whatIsBuiltForNothingIsWarnedOf = methods()
      .that()
      .arePublic()
      .and()
      .haveName("builder")
      .or()
      .haveName("toBuilder")
      .and()
      .arePublic()
      .should()
      .beDeclaredInClassesThat()
      .areAnnotatedWith(CheckReturnValue.class);

  @ArchTest
  static final ArchRule buildersMayBeSetInStatements = methods()
      .that()
      .arePublic()
      .and()
      .areNotStatic()
      .and()
      .doNotHaveName("toBuilder")
      .and()
      .haveRawReturnType(simpleName("Builder"))
      .should()
      .beAnnotatedWith(CanIgnoreReturnValue.class);

  @ArchTest
  static final ArchRule whatABuilderBuildsIsUsed = methods()
      .that()
      .arePublic()
      .and()
      .haveName("build")
      .should()
      .beAnnotatedWith(CheckReturnValue.class);

  @ArchTest
  static final ArchRule everyPackageHasItsLayer = classes()
      .should()
      .resideInAnyPackage(
          "dev.muster",
          "dev.muster.internal..",
          "dev.muster.spi",
          "dev.muster.plan",
          "dev.muster.run",
          "dev.muster.probe",
          "dev.muster.code",
          "dev.muster.workflow",
          "dev.muster.execution",
          "dev.muster.resource",
          "dev.muster.value",
          "dev.muster.error");

  @ArchTest
  static final ArchRule coreNeedsNoOtherModule = noClasses()
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage(
          "dev.muster.batch..",
          "dev.muster.dask..",
          "dev.muster.slurm..",
          "dev.muster.condor..",
          "dev.muster.gridengine..",
          "dev.muster.pbs..",
          "dev.muster.worker..");

  @ArchTest
  static final ArchRule packagesHaveNoCycle =
      slices().matching("dev.muster.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule nothingIsPrinted = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

  @ArchTest
  static final ArchRule logsGoThroughSlf4j = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

  @ArchTest
  static final ArchRule exceptionsSayWhatTheyAre = NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;

  @ArchTest
  static final ArchRule nothingSleeps = noClasses()
      .should(callMethod(Thread.class, "sleep", long.class)
          .or(callMethod(Thread.class, "sleep", long.class, int.class)));

  @ArchTest
  static final ArchRule publicClassesHaveNoPublicFields = fields()
      .that()
      .areDeclaredInClassesThat()
      .arePublic()
      .and()
      .areDeclaredInClassesThat()
      .resideOutsideOfPackage("dev.muster.internal..")
      .and()
      .arePublic()
      .should()
      .beStatic()
      .andShould()
      .beFinal();

  @ArchTest
  static final ArchRule signaturesDoNotShowInternals = classes()
      .that()
      .resideOutsideOfPackage("dev.muster.internal..")
      .should(notShow(resideInAPackage("dev.muster.internal..").as("internal types")));

  private static ArchCondition<JavaClass> notShow(DescribedPredicate<JavaClass> hidden) {
    return new ArchCondition<>("not show " + hidden.getDescription()) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        type.getAllRawInterfaces().stream()
            .filter(hidden)
            .forEach(shown -> events.add(
                SimpleConditionEvent.violated(type, type.getName() + " shows " + shown.getName())));
        type.getAllRawSuperclasses().stream()
            .filter(hidden)
            .forEach(shown -> events.add(
                SimpleConditionEvent.violated(type, type.getName() + " shows " + shown.getName())));
        for (JavaCodeUnit member : type.getCodeUnits()) {
          boolean visible = member.getModifiers().contains(PUBLIC)
              || member.getModifiers().contains(JavaModifier.PROTECTED);
          if (visible) {
            Set<JavaClass> involved =
                new java.util.HashSet<>(member.getReturnType().getAllInvolvedRawTypes());
            member
                .getParameterTypes()
                .forEach(each -> involved.addAll(each.getAllInvolvedRawTypes()));
            involved.stream()
                .filter(hidden)
                .forEach(shown -> events.add(SimpleConditionEvent.violated(
                    member, member.getFullName() + " shows " + shown.getName())));
          }
        }
      }
    };
  }

  @Test
  void everyPackageIsNullMarkedAndSaysWhatItIs() throws Exception {
    Path sources = Path.of("src/main/java");
    Set<String> packages;
    try (var files = Files.walk(sources.resolve("dev"))) {
      packages = files
          .filter(file -> file.toString().endsWith(".java"))
          .map(file ->
              sources.relativize(file.getParent()).toString().replace('/', '.').replace('\\', '.'))
          .collect(Collectors.toCollection(TreeSet::new));
    }
    assertThat(packages).contains("dev.muster", "dev.muster.plan");
    for (String name : packages) {
      Class<?> info = Class.forName(name + ".package-info");
      assertThat(info.isAnnotationPresent(NullMarked.class))
          .as(name + " is @NullMarked")
          .isTrue();
      String text =
          Files.readString(sources.resolve(name.replace('.', '/')).resolve("package-info.java"));
      assertThat(text).as(name).startsWith("/**");
    }
  }

  @Test
  void internalPackagesAreNotExported() throws Exception {
    try (var in = Files.newInputStream(Path.of("target/classes/module-info.class"))) {
      ModuleDescriptor module = ModuleDescriptor.read(in);
      assertThat(module.exports().stream()
              .filter(exports -> !exports.isQualified())
              .map(ModuleDescriptor.Exports::source))
          .isNotEmpty()
          .noneMatch(name -> name.startsWith("dev.muster.internal"));
    }
  }
}
