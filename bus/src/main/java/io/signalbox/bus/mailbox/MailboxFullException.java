package io.signalbox.bus.mailbox;

/** The mailbox has as many messages or bytes as it may; nothing was appended. */
public final class MailboxFullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MailboxFullException(String message) {
        super(message);
    }
}
