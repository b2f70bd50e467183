package io.signalbox.verticles.membership;

/** The imitation that the simulation uses keeps the contract too. */
class InMemoryMembershipStoreTest extends MembershipStoreContractTest {
    private static final InMemoryMembershipStore STORE = new InMemoryMembershipStore(System::nanoTime);

    @Override
    MembershipStore store() {
        return STORE;
    }
}
