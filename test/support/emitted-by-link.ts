import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import { vi } from 'vitest'
import { createAccessTeller } from '../../shared/adapters/cloudwatch/access-metrics.ts'
import { createGroupTeller } from '../../shared/adapters/cloudwatch/group-metrics.ts'
import { createBeatTeller, createLatencyTeller } from '../../shared/adapters/cloudwatch/heartbeat-metrics.ts'
import { createGapAlarm, createInvocationReport } from '../../shared/adapters/cloudwatch/invocation-report.ts'
import { createLagTeller } from '../../shared/adapters/cloudwatch/lag-metrics.ts'
import { createPassTeller } from '../../shared/adapters/cloudwatch/pass-metrics.ts'
import { createRackTeller } from '../../shared/adapters/cloudwatch/rack-metrics.ts'
import { createVerifyTeller } from '../../shared/adapters/cloudwatch/verify-metrics.ts'
import { replicateConfig } from '../../shared/config/replicate-config.ts'
import type { Account } from '../../shared/domain/lag/accounts.ts'
import { METRIC_NAMESPACE } from '../../shared/domain/metrics.ts'
import { nothing } from '../../shared/domain/outcome.ts'
import type { RackReport } from '../../shared/domain/racks/rack-report.ts'
import type { Link, Topology } from '../../shared/domain/topology/topology.ts'
import { noCounts } from '../../shared/domain/verify/verify-report.ts'
import { type EmittedMetric, metricsIn } from './emitted-metrics.ts'
import { polled } from './polled.ts'

const racks: RackReport = {
  ...{ verdict: 'unsafe', racks: [], partitions: 1, unsafePartitions: 1, unknownPartitions: 0, unsafe: [] },
  ...{ quorum: { kind: 'unknown', because: 'none' }, troubles: [] },
}

const account: Account = { lost: 1, quarantined: 1, filtered: 0, looped: 0, replayed: 0, uncovered: 1 }

/** What the functions of all links emit when they meet everything there is to tell. */
export const emittedBy = ({ links }: Topology): EmittedMetric[] => links.flatMap(ofLink)

const ofLink = (link: Link): EmittedMetric[] => {
  const lines: string[] = []
  vi.stubEnv('POWERTOOLS_DEV', 'true')
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
  for (const method of ['log', 'info', 'warn', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((line: string) => void lines.push(line))
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE })
  const means = { link: replicateConfig(link, '111122223333').link, logger: new Logger(), metrics }
  const batch = { topic: 'orders', partition: 0, records: [polled(0)] } as const
  createInvocationReport(means)([nothing(batch)], [])
  for (const kind of ['lost', 'quarantined'] as const)
    createGapAlarm(means)(batch, { incarnation: 'i', from: 5n, to: 8n, kind, reason: 'why', at: 1 })
  createPassTeller({ ...means, link })({ steps: [], notes: [], leftOut: [], troubles: [], faulted: ['orders'] })
  createGroupTeller({ ...means, link })({
    ...{ compared: 1, groupsMoved: 1, positionsMoved: 1, live: 1 },
    ...{ groups: [], leftOut: [], troubles: [], faulted: ['billing'] },
  })
  createAccessTeller({ ...means, link })({
    ...{ role: 'standby', granted: [], revoked: [], quotas: [], held: [], alreadyThere: [], inStep: 0 },
    ...{ leftOut: [], notCopyable: [], troubles: [], faulted: ['User:a'] },
  })
  createRackTeller({ ...means, link }).tell('source', racks)
  createRackTeller({ ...means, link }).tell('target', racks)
  createBeatTeller({ ...means, link })({ sent: 60, skipped: 0, held: 0, failed: 0 })
  createLatencyTeller({ ...means, link })([5])
  createVerifyTeller({ ...means, link })({ counts: noCounts(), findings: [], troubles: [] })
  const lag = { records: 3, lagMs: 5_000, timeToLossMs: 60_000, gone: 0, recordsPerSecond: 1 }
  createLagTeller({ ...means, link })(
    {
      ...{ link: link.name, at: 1, mode: 'forwarding', lag, topics: [{ topic: 'orders', ...lag }], worst: [] },
      ...{
        partitions: 1,
        unseen: 0,
        unmeasured: 0,
        standstillMs: 0,
        accounts: { at: 1, link: account, topics: [{ topic: 'orders', ...account }] },
        heartbeatAgeMs: 1_000,
        failover: { at: 1, groups: 1, reread: 1, unplaced: 0, worst: [] },
        troubles: [],
      },
    },
    { whole: true },
  )
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  return lines.flatMap(metricsIn)
}
