import type { PartitionId } from '../record.ts'
import type { PlacedPartition } from './cluster-layout.ts'
import { type FatalRacks, type Member, type Survival, survivalOf } from './rack-survival.ts'

/** What is wrong with a partition, the worst first. */
export const RACK_FAULTS = {
  'no-leader': 'nobody leads it now',
  'too-few-in-sync': 'fewer replicas are in sync now than acks=all takes',
  'one-rack': 'all replicas that are in sync are in one rack',
  'too-few-left': 'losing a rack leaves fewer replicas in sync than acks=all takes',
  'no-quorum': 'losing the rack ends the quorum of the controllers, and replicas in it would be waited for without end',
} as const

export type RackFault = keyof typeof RACK_FAULTS

export interface UnsafePartition extends PartitionId, FatalRacks {
  readonly fault: RackFault
  /** Replicas that are in sync and up. */
  readonly inSync: number
  /** How many of them acks=all takes. */
  readonly needed: number
}

export type PartitionVerdict = { readonly kind: 'safe' | 'unknown' } | ({ readonly kind: 'unsafe' } & UnsafePartition)

/** What a partition depends on besides its own replicas. */
export interface Surroundings {
  /** The brokers that are up, by node. */
  readonly brokers: ReadonlyMap<number, Member>
  /** Racks whose loss ends the quorum of the controllers. */
  readonly endQuorum: ReadonlySet<string>
}

/**
 * Whether acks=all goes on when any one rack is lost. `minInSync`: what the topic says; absent, nobody tells.
 * A broker asks for no more in-sync replicas than a partition has replicas.
 */
export const judgePartition = (
  partition: PlacedPartition,
  minInSync: number | undefined,
  { brokers, endQuorum }: Surroundings,
): PartitionVerdict => {
  const inSync = partition.inSync.flatMap((node) => brokers.get(node) ?? [])
  const needed = Math.min(minInSync ?? 1, partition.replicas.length)
  const survival = withQuorum(survivalOf(inSync, needed), inSync, endQuorum)
  const leads = partition.leader !== undefined && brokers.has(partition.leader)
  if (leads && survival.kind !== 'unsafe')
    return { kind: minInSync === undefined || survival.kind === 'unknown' ? 'unknown' : 'safe' }
  const { racks, rackOf } = survival.kind === 'unsafe' ? survival : { racks: [], rackOf: [] }
  const fault = faultOf({ leads, inSync, needed })
  const { topic, partition: number } = partition
  return { kind: 'unsafe', topic, partition: number, fault, inSync: inSync.length, needed, racks, rackOf }
}

/**
 * Without a quorum no other replica can become the leader, and none that is lost ceases to count as in sync: a partition
 * goes on only when it loses nothing.
 */
const withQuorum = (survival: Survival, inSync: readonly Member[], endQuorum: ReadonlySet<string>): Survival => {
  const held = inSync.flatMap(({ rack }) => (rack !== undefined && endQuorum.has(rack) ? [rack] : []))
  if (held.length === 0) return survival
  const { racks, rackOf } = survival.kind === 'unsafe' ? survival : { racks: [], rackOf: [] }
  return { kind: 'unsafe', racks: [...new Set([...racks, ...held])].sort(), rackOf }
}

const faultOf = ({
  leads,
  inSync,
  needed,
}: {
  leads: boolean
  inSync: readonly Member[]
  needed: number
}): RackFault => {
  if (!leads) return 'no-leader'
  if (inSync.length < needed) return 'too-few-in-sync'
  const racks = new Set(inSync.map(({ rack }) => rack))
  if (racks.size === 1 && !racks.has(undefined)) return 'one-rack'
  return survivalOf(inSync, needed).kind === 'unsafe' ? 'too-few-left' : 'no-quorum'
}
