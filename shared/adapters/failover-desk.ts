import { SFNClient } from '@aws-sdk/client-sfn'
import { ReplicationError } from '../domain/errors.ts'
import type { FailoverLink } from '../domain/failover/failover-order.ts'
import type { FailoverReport } from '../domain/failover/report.ts'
import type { FailoverDesk } from '../usecases/failover/desk-ports.ts'
import { CLIENT_PATIENCE } from './client-patience.ts'
import { createDynamoDbClient } from './dynamodb/dynamodb-client.ts'
import { failoverPairState } from './dynamodb/failover-pair-state.ts'
import { failoverQuestions } from './dynamodb/failover-questions.ts'
import { failoverStepLedger } from './dynamodb/failover-step-ledger.ts'
import { LinkTable } from './dynamodb/link-table.ts'
import { fetchReport } from './s3/report-store.ts'
import { createS3Client } from './s3/s3-client.ts'
import { stateMachineDesk } from './sfn/machine-desk.ts'

const DAY_MS = 86_400_000

/** What is deployed for one direction of a pair; nothing is connected before it is used. */
export const connectFailoverDesk = ({
  failover,
  table: { name, region },
  order: { link },
}: FailoverLink): FailoverDesk => {
  const client = createDynamoDbClient({ region })
  const { mapRetentionDays, initialMode } = link
  const table = new LinkTable({ client, name, initialMode, retentionMs: mapRetentionDays * DAY_MS })
  const machines = new SFNClient({ region: failover.region, ...CLIENT_PATIENCE })
  const s3 = createS3Client({ region: failover.region })
  const pair = failoverPairState(table, table.initialStatus)
  return {
    machine: stateMachineDesk(machines, failover.machine),
    ledger: failoverStepLedger(table),
    questions: failoverQuestions(table),
    status: async (deadline) => (await pair.read(deadline)).status,
    report: async (place, deadline) => parseReport(await fetchReport(s3, place, deadline), place),
    close: () => {
      for (const connection of [client, machines, s3]) connection.destroy()
    },
  }
}

/** Nobody but the step `report` writes there. */
const parseReport = (text: string, place: string): FailoverReport => {
  const report: unknown = JSON.parse(text)
  if (typeof report === 'object' && report !== null && 'version' in report && report.version === 1)
    return report as FailoverReport
  throw new ReplicationError('REPORT_UNREACHABLE', `reading ${place}: it is no report that this version knows`)
}
