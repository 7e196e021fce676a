import { type PartitionId, type PolledRecord, partitionName } from '../../shared/domain/record.ts'
import { lateWithProvenance, withoutLooped } from '../../shared/usecases/failover/own-records.ts'
import { returningTopics } from '../../shared/usecases/failover/returning-topics.ts'
import type { TailDeps } from '../../shared/usecases/failover/settle-tail.ts'
import type { LogReader } from '../../shared/usecases/log-ports.ts'
import { FakeLogReader } from '../fakes/log-reader.ts'
import { FakeTailStore } from '../fakes/tail-store.ts'
import { type FailoverWorld, OTHER, type Side, wayTo } from './failover-world.ts'

/** What settles the tail that a failover to `to` has stranded on the other side. */
export const tailInWorld = (world: FailoverWorld, to: Side): TailDeps => {
  const from = OTHER[to]
  const { table, state, tails } = world.links[wayTo(to)]
  const clusters = { source: world.clusters[from].log, target: world.clusters[to].log }
  const ends = { ...clusters, targetTopic: (topic: string) => topic }
  return {
    cluster: from,
    pair: 'west-east',
    partitions: async () =>
      [...world.clusters[from].topics.topics].flatMap(([topic, { incarnation }]) =>
        [...Array(world.partitions).keys()].map((partition) => ({ topic, partition, incarnation })),
      ),
    reader: readerOf(world, from),
    targetReader: readerOf(world, to),
    own: withoutLooped(ends),
    late: lateWithProvenance(ends),
    state,
    boundary: table,
    ledger: tails,
    store: new FakeTailStore(),
    target: clusters.target,
    targetTopic: ends.targetTopic,
    clock: { now: () => world.now },
    counted: () => undefined,
    deletion: { deleteBelow: async (offsets) => emptied(world, from, offsets) },
    gaps: state,
    returning: async (execution, deadline) =>
      await returningTopics(execution, world.links[wayTo(from)].link, deadline, {
        boundary: table,
        topics: world.clusters[to].topics,
      }),
  }
}

const emptied = (world: FailoverWorld, side: Side, offsets: readonly (PartitionId & { readonly offset: bigint })[]) => {
  for (const one of offsets) world.empty(side, one, one.offset)
  return new Map(offsets.map((one) => [partitionName(one), 'deleted' as const]))
}

/** Reads the log as it is at each call. */
const readerOf = (world: FailoverWorld, side: Side): LogReader =>
  new Proxy(new FakeLogReader(), {
    get: (_empty, method) => {
      const reader = new FakeLogReader(side === 'west' ? 'source' : 'target')
      for (const topic of world.clusters[side].topics.topics.keys()) {
        reader.createTopic(topic, world.partitions)
        for (let partition = 0; partition < world.partitions; partition++)
          copyLog(world, side, { topic, partition }, reader)
      }
      const member: unknown = Reflect.get(reader, method)
      return typeof member === 'function' ? member.bind(reader) : member
    },
  })

const copyLog = (world: FailoverWorld, side: Side, id: PartitionId, reader: FakeLogReader): void => {
  const log = world.clusters[side].log.logs.get(partitionName(id)) ?? []
  for (const record of log) reader.append(id, recordIn(record))
  reader.deleteBelow(id, BigInt(world.start(side, id.partition, id.topic)))
}

const recordIn = ({ timestamp, key, value, headers }: PolledRecord) => ({
  timestamp,
  key: bytes(key),
  value: bytes(value),
  headers: headers.map((header) => ({
    name: Buffer.from(header.name),
    value: header.value === null ? null : Uint8Array.from(header.value),
  })),
})

const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'base64'))
