import { FakeLagLedger } from '../../fakes/lag-ledger.ts'
import { lagLedgerContract } from '../../support/lag-ledger-contract.ts'

lagLedgerContract('the lag ledger in memory', async () => new FakeLagLedger())
