import { FakeGroupLedger } from '../../fakes/group-ledger.ts'
import { groupLedgerContract } from '../../support/group-ledger-contract.ts'

groupLedgerContract('the group ledger in memory', async () => new FakeGroupLedger())
