package io.signalbox.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** How the node is linked with others. Immutable, thread-safe. */
public record ClusterConfig(
        @Setting(value = "Whether the node is one of several that share their stores", defaultValue = "false")
        boolean enabled,

        @Setting(value = "Name of the cluster; nodes of another one are not let in", defaultValue = "signalbox")
        String name,

        @Setting(
                value =
                        "Address to listen on for other nodes. Anything but loopback needs cluster.tls-certificate-file",
                defaultValue = "127.0.0.1")
        String host,

        @Setting(value = "Port for other nodes; 0: any free one", defaultValue = "4281", min = 0, max = 65_535)
        int port,

        @Setting("Where other nodes find this one, if that is not cluster.host")
        Optional<String> advertisedHost,

        @Setting("Nodes as name=host:port, this one may be among them. Empty: those that are registered in PostgreSQL")
        List<String> members,

        @Setting("Certificate (PEM, the chain after it) that the node shows to others")
        Optional<Path> tlsCertificateFile,

        @Setting("Its private key (PEM, PKCS #8)") Optional<Path> tlsKeyFile,

        @Setting(
                "Certificate (PEM) of the authority that signs the nodes' certificates. Whoever has one of them is a node, so it signs nothing else")
        Optional<Path> tlsAuthorityFile,

        @Setting(
                value =
                        "Whether to speak in the clear and let in everybody even where cluster.host is not loopback; for networks that nobody else reaches",
                defaultValue = "false")
        boolean plaintext,

        @Setting(
                value =
                        "What may wait for another node; beyond it bulk messages are dropped first, durable ones refused",
                defaultValue = "16MiB",
                min = 1_048_576,
                max = 1_073_741_824)
        ByteSize maxWaiting,

        @Setting(
                value = "What may be on its way from another node to this one",
                defaultValue = "4MiB",
                min = 65_536,
                max = 1_073_741_824)
        ByteSize window) {}
