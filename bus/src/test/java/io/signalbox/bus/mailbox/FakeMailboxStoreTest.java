package io.signalbox.bus.mailbox;

import java.time.InstantSource;

/** The simulation means something only when its store keeps to the contract, too. */
class FakeMailboxStoreTest extends MailboxStoreContractTest {
    @Override
    MailboxStore store(int maxMessages, long maxBytes) {
        return new FakeMailboxStore(InstantSource.system(), maxMessages, maxBytes);
    }
}
