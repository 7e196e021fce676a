import { FakeTailLedger } from '../../fakes/tail-ledger.ts'
import { tailLedgerContract } from '../../support/tail-ledger-contract.ts'

tailLedgerContract('the memory of stranded tails in memory', async () => new FakeTailLedger())
