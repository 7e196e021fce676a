import type { PairFailover, PairFailoverInput } from '../failover/failover-choice.ts'
import { keepsName } from '../topics/topic-naming.ts'
import type { Link, LinkInput, PairInput, TopologyInput } from './topology.ts'
import type { WrittenLink } from './topology-complete.ts'
import { DEFAULTS } from './topology-defaults.ts'
import { isUsablePair } from './topology-shape.ts'

/** One or several, as it may be written. */
const listed = <Choice>(choices: Choice | readonly Choice[]): readonly Choice[] => [choices].flat() as Choice[]

export const completeFailover = (input: PairFailoverInput): PairFailover => {
  const { active, fence, clients, limits = {}, approval, stillMs, drillEveryDays, tail, mayScrape } = input
  return {
    active,
    fences: Object.fromEntries(Object.entries(fence).map(([cluster, choices]) => [cluster, listed(choices ?? [])])),
    clients: listed(clients),
    limits: {
      lagRecords: limits.lagRecords ?? DEFAULTS.failoverLagRecords.value,
      lagSeconds: limits.lagSeconds ?? DEFAULTS.failoverLagSeconds.value,
      lostRecords: limits.lostRecords ?? DEFAULTS.failoverLostRecords.value,
    },
    approval: {
      needed: approval !== 'none',
      expiresMs: (approval === 'none' ? undefined : approval?.expiresMs) ?? DEFAULTS.approvalExpiresMs.value,
    },
    stillMs: stillMs ?? DEFAULTS.stillMs.value,
    drillEveryDays: drillEveryDays ?? DEFAULTS.drillEveryDays.value,
    tail: tail ?? DEFAULTS.tail.value,
    mayScrape: mayScrape ?? DEFAULTS.mayScrape.value,
  }
}

interface Ends {
  readonly source: string
  readonly target: string
}

const isBetween = ({ clusters }: PairInput, { source, target }: Ends): boolean =>
  clusters.includes(source) && clusters.includes(target) && source !== target

const failoverPairOf = ({ pairs = [] }: TopologyInput, ends: Ends): PairInput | undefined =>
  pairs.find((pair) => isUsablePair(pair) && pair.failover !== undefined && isBetween(pair, ends))

/** Links of a pair that fails over keep names where nobody said otherwise: clients find the same topics on both sides. */
export const failsOver = (topology: TopologyInput, { source, target }: LinkInput): boolean =>
  failoverPairOf(topology, { source, target }) !== undefined

/** A link that leads to the active cluster waits for a failover, where it would bring its records back under their names. */
export const withInitialModes = (topology: TopologyInput, entries: readonly WrittenLink[]): readonly WrittenLink[] =>
  entries.map((entry) => {
    const waits = waitsForFailover(topology, entry.part)
    return waits ? { ...entry, part: { ...entry.part, initialMode: 'stopped' } } : entry
  })

const waitsForFailover = (topology: TopologyInput, { source, target, naming }: Link): boolean => {
  const pair = failoverPairOf(topology, { source: source.name, target: target.name })
  return pair?.failover?.active === target.name && keepsName(naming)
}
