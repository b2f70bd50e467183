package io.signalbox.gateway.agent;

import io.signalbox.bus.mailbox.MailboxStore;
import io.signalbox.bus.mailbox.MailboxSweep;
import io.signalbox.bus.mailbox.Mailboxes;
import io.signalbox.config.MailboxConfig;

/** What the door needs of mailboxes: to put messages in, to bring agents theirs, and to notice what nobody announced. */
public record MailboxParts(Mailboxes mailboxes, MailboxStore store, MailboxSweep sweep, MailboxConfig config) {}
