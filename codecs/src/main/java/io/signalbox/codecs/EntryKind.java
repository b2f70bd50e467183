package io.signalbox.codecs;

import io.signalbox.codecs.proto.Entry;

/** Field numbers of the bodies of an {@link Entry}, for switches on the hot path. */
public final class EntryKind {
    public static final int MESSAGE = Entry.MESSAGE_FIELD_NUMBER;
    public static final int HELLO = Entry.HELLO_FIELD_NUMBER;
    public static final int WELCOME = Entry.WELCOME_FIELD_NUMBER;
    public static final int ATTACH = Entry.ATTACH_FIELD_NUMBER;
    public static final int ATTACHED = Entry.ATTACHED_FIELD_NUMBER;
    public static final int DETACH = Entry.DETACH_FIELD_NUMBER;
    public static final int SUBSCRIBE = Entry.SUBSCRIBE_FIELD_NUMBER;
    public static final int UNSUBSCRIBE = Entry.UNSUBSCRIBE_FIELD_NUMBER;
    public static final int RECEIPT = Entry.RECEIPT_FIELD_NUMBER;
    public static final int ERROR = Entry.ERROR_FIELD_NUMBER;
    public static final int PING = Entry.PING_FIELD_NUMBER;
    public static final int PONG = Entry.PONG_FIELD_NUMBER;
    public static final int GO_AWAY = Entry.GO_AWAY_FIELD_NUMBER;
    public static final int CREDIT = Entry.CREDIT_FIELD_NUMBER;
    public static final int DELIVERY = Entry.DELIVERY_FIELD_NUMBER;
    public static final int ACK = Entry.ACK_FIELD_NUMBER;
    public static final int REJECT = Entry.REJECT_FIELD_NUMBER;
    public static final int ASSIGN = Entry.ASSIGN_FIELD_NUMBER;
    public static final int CANCEL_ASSIGNMENT = Entry.CANCEL_ASSIGNMENT_FIELD_NUMBER;
    public static final int RENEW = Entry.RENEW_FIELD_NUMBER;
    public static final int PROGRESS = Entry.PROGRESS_FIELD_NUMBER;
    public static final int COMPLETE = Entry.COMPLETE_FIELD_NUMBER;
    public static final int FAIL = Entry.FAIL_FIELD_NUMBER;
    public static final int DECLINE = Entry.DECLINE_FIELD_NUMBER;
    public static final int SETTLED = Entry.SETTLED_FIELD_NUMBER;

    private EntryKind() {}

    static boolean isBody(int fieldNumber) {
        return fieldNumber >= MESSAGE && fieldNumber <= SETTLED;
    }
}
