import type { PreflightAsk } from '../../shared/domain/failover/preflight-check.ts'
import type {
  ClusterFacts,
  GroupPassFacts,
  LagFacts,
  PreflightFacts,
  Told,
} from '../../shared/domain/failover/preflight-facts.ts'

export const NOW = Date.UTC(2026, 5, 1)

export const told = <T>(value: T): Told<T> => ({ kind: 'told', value })
export const untold: Told<never> = { kind: 'untold', because: 'nobody answered' }

const CLUSTER: ClusterFacts = { partitions: new Map([['orders', 3]]), silent: [], undescribed: [] }

export const LAG: LagFacts = {
  at: NOW,
  records: 7,
  lagMs: 1_500,
  gone: 0,
  topics: [{ topic: 'orders', records: 7 }],
  unseen: 0,
  unmeasured: 0,
  heartbeatAgeMs: 1_000,
  rememberedAt: NOW - 10_000,
}

const PASS = { due: [], faulted: [], troubles: [] }

export const GROUPS: GroupPassFacts = {
  faulted: [],
  troubles: [],
  compared: 4,
  live: 0,
  positions: 2,
  unsettled: 0,
  skipped: [],
}

/** A pair that may be failed over as planned. */
export const SOUND: PreflightFacts = {
  now: NOW,
  source: told(CLUSTER),
  target: told(CLUSTER),
  lag: told(LAG),
  topics: told(PASS),
  groups: told(GROUPS),
  access: told(PASS),
  heads: told({ partitions: 3, standing: [], unread: [] }),
  replicas: told({ partitions: 3, unwritable: [], thin: [], untold: [] }),
  racks: told({ verdict: 'safe', unsafePartitions: 0 }),
  disks: told({
    disks: [{ node: 1, directory: '/a', totalBytes: 1_000, usableBytes: 400 }],
    offline: [],
    unmeasured: [],
  }),
  foreign: told({ records: 0, partitions: [], growing: false, untold: 0 }),
  roles: told({
    forward: { mode: 'forwarding', role: 'standby', epoch: 0 },
    reverse: told({ mode: 'stopped', role: 'active', epoch: 0 }),
  }),
  pending: told(undefined),
  sourceRetention: told({ shortest: { topic: 'orders', retentionMs: 604_800_000 }, untold: [] }),
  targetRetention: told({ untold: [] }),
}

/** The same pair, when nobody on its source has answered for a minute. */
export const SOURCE_GONE: PreflightFacts = {
  ...SOUND,
  source: untold,
  lag: told({
    ...LAG,
    unseen: 3,
    sourceUnreachableSince: NOW - 60_000,
    groups: { at: NOW - 70_000, groups: 4, reread: 9 },
  }),
  topics: untold,
  groups: untold,
  access: untold,
  sourceRetention: untold,
}

export const ASK: PreflightAsk = {
  mode: 'planned',
  reason: 'rehearsing',
  force: false,
  limits: { lagRecords: 100, lagSeconds: 30, lostRecords: 50 },
  link: { heartbeats: true, provenance: false, keepsNames: true, headroomMs: 21_600_000 },
}

export const UNPLANNED: PreflightAsk = { ...ASK, mode: 'unplanned', reason: 'the region is gone' }
