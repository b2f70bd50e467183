package io.signalbox.node.embedded;

import java.util.Set;

/** The machines that there are servers for, with the names of the servers in their artifacts. */
enum Platform {
    LINUX_X86_64(Set.of("amd64", "x86_64"), "postgres-linux-x86_64.txz", "redis-server-7.0.15-linux-amd64"),
    LINUX_AARCH64(Set.of("aarch64", "arm64"), "postgres-linux-arm_64.txz", "redis-server-7.0.15-linux-arm64");

    private final Set<String> architectures;
    private final String postgresArchive;
    private final String redisProgram;

    Platform(Set<String> architectures, String postgresArchive, String redisProgram) {
        this.architectures = architectures;
        this.postgresArchive = postgresArchive;
        this.redisProgram = redisProgram;
    }

    /** @throws StoreException on any other machine */
    static Platform of(String osName, String architecture) {
        for (Platform platform : values()) {
            if (osName.equals("Linux") && platform.architectures.contains(architecture)) {
                return platform;
            }
        }
        throw new StoreException("Embedded stores need Linux on x86_64 or aarch64; this is " + osName + " on "
                + architecture + ". Set postgres.url and redis.url to outside servers.");
    }

    static Platform current() {
        return of(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    String postgresArchive() {
        return postgresArchive;
    }

    String redisProgram() {
        return redisProgram;
    }
}
