package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.Budget.Spent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** What trees of tasks may use and have used, of those with a budget of which something is open. Not thread-safe. */
final class Budgets {
    private static final class Account {
        final Budget budget;
        Spent spent = Spent.NOTHING;
        final Set<UUID> open = new TreeSet<>();

        Account(Budget budget) {
            this.budget = budget;
        }
    }

    private final Map<UUID, Account> byRoot = new HashMap<>();

    void opened(TaskSpec spec) {
        if (spec.plan().hasBudget()) {
            byRoot.computeIfAbsent(spec.root(), root -> new Account(spec.plan().budget()))
                    .open
                    .add(spec.id());
        }
    }

    void closed(TaskSpec spec) {
        if (spec.plan().hasBudget()) {
            byRoot.computeIfPresent(spec.root(), (root, account) -> {
                account.open.remove(spec.id());
                return account.open.isEmpty() ? null : account;
            });
        }
    }

    void spent(TaskSpec spec, Spent more) {
        if (spec.plan().hasBudget()) {
            loaded(spec.root(), more);
        }
    }

    /** By tasks of the tree that have ended, or in earlier attempts. */
    void loaded(UUID root, Spent more) {
        byRoot.computeIfPresent(root, (id, account) -> {
            account.spent = account.spent.plus(more);
            return account;
        });
    }

    boolean isExhausted(TaskSpec spec) {
        if (!spec.plan().hasBudget()) {
            return false;
        }
        Account account = byRoot.get(spec.root());
        return account != null && account.budget.isExhaustedBy(account.spent);
    }

    /** What is open of the tree, if that may use no more. */
    List<UUID> stopped(UUID root) {
        Account account = byRoot.get(root);
        return account != null && account.budget.isExhaustedBy(account.spent) ? List.copyOf(account.open) : List.of();
    }

    /** Trees with a budget. */
    Set<UUID> roots() {
        return byRoot.keySet();
    }
}
