import { FakeHeartbeatLedger } from '../../fakes/heartbeat-ledger.ts'
import { heartbeatLedgerContract } from '../../support/heartbeat-ledger-contract.ts'

heartbeatLedgerContract('the ledger of beats in memory', async () => new FakeHeartbeatLedger())
