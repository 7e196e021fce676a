import { FakeFailoverTable } from '../../fakes/failover-table.ts'
import { failoverTableContract } from '../../support/failover-table-contract.ts'

failoverTableContract('the failover table in memory', async (status) => {
  const table = new FakeFailoverTable({ status })
  return { pair: table, ledger: table, pending: table, boundary: table, questions: table }
})
