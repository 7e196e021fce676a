import { SFNClient } from '@aws-sdk/client-sfn'
import type { FailoverLink } from '../domain/failover/failover-order.ts'
import { failoverBucketName } from '../domain/link-names.ts'
import type { TailDesk } from '../usecases/failover/tail-ports.ts'
import { CLIENT_PATIENCE } from './client-patience.ts'
import { createDynamoDbClient } from './dynamodb/dynamodb-client.ts'
import { failoverPairState } from './dynamodb/failover-pair-state.ts'
import { failoverPending } from './dynamodb/failover-pending.ts'
import { LinkTable } from './dynamodb/link-table.ts'
import { tailLedger } from './dynamodb/tail-ledger.ts'
import { createS3Client } from './s3/s3-client.ts'
import { s3TailStore } from './s3/tail-store.ts'
import { machineAccount } from './sfn/machine-desk.ts'

/** What failovers along a link have left of the cluster that they left; nothing is connected before it is used. */
export const connectTailDesk = ({ failover, table: { name, region }, order: { link } }: FailoverLink): TailDesk => {
  const client = createDynamoDbClient({ region })
  const machines = new SFNClient({ region: failover.region, ...CLIENT_PATIENCE })
  const s3 = createS3Client({ region: failover.region })
  const table = new LinkTable({ client, name, initialMode: link.initialMode })
  return {
    history: tailLedger(table),
    debts: failoverPending(table),
    pair: failoverPairState(table, table.initialStatus),
    store: async (deadline) =>
      s3TailStore(s3, failoverBucketName(link, await machineAccount(machines, failover.machine, deadline))),
    close: () => {
      for (const connection of [client, machines, s3]) connection.destroy()
    },
  }
}
