package io.signalbox.node.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * As whom PostgreSQL runs: it refuses to run as root. Immutable, thread-safe.
 *
 * @param uid owner of its files
 * @param gid group of its files
 * @param prefix what goes before a command to run it so
 */
record Account(int uid, int gid, List<String> prefix) {
    private static final int NOBODY = 65534;
    private static final Duration TRIAL_TIME = Duration.ofSeconds(10);

    Account {
        prefix = List.copyOf(prefix);
    }

    /**
     * The node's own account; for root a user namespace, in which it counts as nobody and its files as nobody's, and where
     * that is forbidden the account nobody itself.
     *
     * @param directory what the account must be able to enter
     * @throws StoreException when the node runs as root and there is no way out of it
     */
    static Account unprivileged(Path directory) throws IOException {
        int uid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        int gid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
        if (uid != 0) {
            return new Account(uid, gid, List.of());
        }
        Account namespaced = new Account(0, 0, List.of("unshare", "--user"));
        if (namespaced.canEnter(directory)) {
            return namespaced;
        }
        Account nobody = new Account(
                NOBODY, NOBODY, List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--"));
        if (nobody.canEnter(directory)) {
            return nobody;
        }
        throw new StoreException(
                "PostgreSQL does not run as root, and neither 'unshare --user' nor 'setpriv' (util-linux)"
                        + " can run it as somebody else in " + directory
                        + ". Run the node as an ordinary user, choose a"
                        + " node.data-directory that the user nobody can enter, or set postgres.url to an outside server.");
    }

    /** Gives the folder to the account unless it has it already. */
    void own(Path folder) throws IOException {
        int owner = (int) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (owner != uid) {
            FileTree.own(folder, uid, gid);
        }
    }

    private boolean canEnter(Path directory) {
        return Command.succeeds(
                Command.prefixed(prefix, List.of("sh", "-c", "cd \"$0\"", directory.toString())), TRIAL_TIME);
    }
}
