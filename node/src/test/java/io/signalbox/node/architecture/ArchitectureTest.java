package io.signalbox.node.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.signalbox.sdk.ClientOptions;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** The layering and the habits that every module keeps. */
@AnalyzeClasses(
        packages = "io.signalbox",
        importOptions = {DoNotIncludeTests.class, ArchitectureTest.DoNotIncludeTestJars.class})
final class ArchitectureTest {
    /** A build that packages sees other modules' tests as archives. */
    static final class DoNotIncludeTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String OURS = "io.signalbox..";
    private static final String CODECS = "io.signalbox.codecs..";
    private static final String CONFIG = "io.signalbox.config..";
    private static final String BUS = "io.signalbox.bus..";
    private static final String VERTICLES = "io.signalbox.verticles..";
    private static final String GATEWAY = "io.signalbox.gateway..";
    private static final String SDK = "io.signalbox.sdk..";
    private static final String NODE = "io.signalbox.node..";
    private static final String LOAD_TESTS = "io.signalbox.load..";

    /** Nouns that cores are named by: what decides, knows no clock and does nothing itself. */
    private static final String CORES =
            "io\\.signalbox\\.(bus|verticles)\\..*(TaskBroker|BrokerView|Roster|SkillQueue|OpenTask|TaskTimers|AgentDirectory|AgentReplicas|Generations|DefinitionCatalog|SubscriptionTree|Interest|DeadlineWheel|CreditQueue|Backoff|Availability|HashSlot|ErrorReply|SentinelPoll|ClusterView|SlotMap|Membership|Peers|Shards|ShardMap|MailboxReader|RetainedReader|RetainedBounds|ClusterCore|InterestExchange|OwnInterest|PeerView|PeerTable|LinkFlow|LinkQueue|PatternInterest|Channels|Rollout|Comparison|OddsTest|FollowedDefinitions|Followers|VersionTally|Dispatch|Endings|Holding|Budgets|AgentIndex|AgentQuery|AgentSearch|RankedAgentSearch|DefinitionQuery|SearchWords|FleetDirectives|MeaningIndex|SeenRound)";

    @ArchTest
    static final ArchRule CODECS_KNOW_NOTHING_OF_OURS = only(CODECS, CODECS);

    @ArchTest
    static final ArchRule CONFIG_KNOWS_NOTHING_OF_OURS = only(CONFIG, CONFIG);

    @ArchTest
    static final ArchRule BUS_USES_CODECS_AND_CONFIG = only(BUS, BUS, CODECS, CONFIG);

    @ArchTest
    static final ArchRule VERTICLES_DO_NOT_SEE_THE_GATEWAY = only(VERTICLES, VERTICLES, BUS, CODECS, CONFIG);

    @ArchTest
    static final ArchRule GATEWAY_DOES_NOT_SEE_THE_VERTICLES = only(GATEWAY, GATEWAY, BUS, CODECS, CONFIG);

    @ArchTest
    static final ArchRule SDK_USES_CODECS_ALONE = only(SDK, SDK, CODECS);

    @ArchTest
    static final ArchRule PACKAGES_OF_VERTICLES_MEET_THROUGH_MESSAGES = slices().matching(
                    "io.signalbox.verticles.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(resideInAPackage(VERTICLES), resideInAPackage("io.signalbox.verticles.postgres.."));

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("io.signalbox.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule CODECS_AND_CONFIG_KNOW_NO_EVENT_LOOP = noClasses()
            .that()
            .resideInAnyPackage(CODECS, CONFIG)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..", "io.netty..");

    @ArchTest
    static final ArchRule CORES_ARE_PURE = noClasses()
            .that()
            .haveNameMatching(CORES)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.vertx..", "io.netty..", "java.io..", "java.nio.file..", "java.sql..", "org.slf4j..");

    @ArchTest
    static final ArchRule CLASSES_ARE_NOT_FOR_EXTENSION = classes()
            .that()
            .areNotInterfaces()
            .and()
            .areNotEnums()
            .and()
            .areNotAnonymousClasses()
            .and()
            .doNotHaveModifier(JavaModifier.ABSTRACT)
            .and()
            .resideOutsideOfPackages("io.signalbox.codecs.proto..", "io.signalbox.codecs.internal..")
            .should()
            .haveModifier(JavaModifier.FINAL);

    @ArchTest
    static final ArchRule ONLY_THE_COMMAND_LINE_ENDS_THE_PROCESS = noClasses()
            .that()
            .resideOutsideOfPackages("io.signalbox.node.cli..", LOAD_TESTS)
            .should()
            .callMethod(System.class, "exit", int.class);

    /** And for an agent's token, as the command line does: a program need not carry it about. */
    @ArchTest
    static final ArchRule THE_ENVIRONMENT_IS_READ_IN_NODE = noClasses()
            .that(not(resideInAnyPackage(NODE, LOAD_TESTS)).and(not(type(ClientOptions.class))))
            .should()
            .callMethod(System.class, "getenv")
            .orShould()
            .callMethod(System.class, "getenv", String.class);

    @ArchTest
    static final ArchRule TIME_AND_CHANCE_ARE_ARGUMENTS = noClasses()
            .that(not(resideInAnyPackage(NODE, LOAD_TESTS)))
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Math.class, "random");

    @ArchTest
    static final ArchRule EVENT_LOOPS_ARE_MADE_IN_NODE = noClasses()
            .that(not(resideInAnyPackage(NODE, LOAD_TESTS, SDK)))
            .should()
            .callMethod(Vertx.class, "vertx")
            .orShould()
            .callMethod(Vertx.class, "builder");

    @ArchTest
    static final ArchRule OUR_API_HAS_ONE_KIND_OF_FUTURE = noMethods()
            .that()
            .arePublic()
            .and()
            .areDeclaredInClassesThat()
            .arePublic()
            .and()
            .areDeclaredInClassesThat()
            .resideOutsideOfPackages(SDK, LOAD_TESTS)
            .should()
            .haveRawReturnType(CompletableFuture.class);

    /** The link to Redis is what drivers are built upon, no port. */
    @ArchTest
    static final ArchRule PORTS_KNOW_NO_TECHNOLOGY = noClasses()
            .that()
            .areInterfaces()
            .and()
            .resideInAnyPackage(BUS, VERTICLES, GATEWAY)
            .and()
            .resideOutsideOfPackage("io.signalbox.bus.redis..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.vertx.sqlclient..",
                    "io.vertx.pgclient..",
                    "io.vertx.redis..",
                    "io.netty..",
                    "org.flywaydb..",
                    "org.postgresql..",
                    "java.sql..");

    @ArchTest
    static final ArchRule EVENT_LOOPS_DO_NOT_LOCK = methods()
            .that()
            .areDeclaredInClassesThat()
            .resideInAnyPackage(VERTICLES, GATEWAY)
            .should()
            .notHaveModifier(JavaModifier.SYNCHRONIZED);

    @ArchTest
    static final ArchRule NO_LOCKS_EITHER = noClasses()
            .that()
            .resideInAnyPackage(VERTICLES, GATEWAY)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.util.concurrent.locks..");

    @ArchTest
    static final ArchRule PACKAGES_ARE_NAMED_FOR_WHAT_THEY_DO =
            noClasses().should().resideInAnyPackage("..util..", "..utils..", "..helper..", "..helpers..", "..common..");

    private static ArchRule only(String module, String... allowed) {
        return noClasses()
                .that()
                .resideInAPackage(module)
                .should()
                .dependOnClassesThat(resideInAPackage(OURS).and(not(resideInAnyPackage(allowed))));
    }
}
