import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BrokerConnections } from '../../local/check/broker-connections.ts'
import { readLog } from '../../local/check/log-reader.ts'
import type { LogRecord } from '../../local/check/record-batch-reader.ts'
import type { CorpusRecord } from '../../local/corpus/corpus-records.ts'
import { startFunction } from '../../local/function/function-process.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { PROVENANCE_HEADER } from '../../shared/domain/provenance.ts'
import { isReplicated } from '../../shared/domain/run.ts'
import { polled } from '../support/polled.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigCluster } from '../support/rig-cluster.ts'
import type { RigLink } from '../support/rig-link.ts'
import { variedRecords } from '../support/varied-records.ts'

const TOPIC = 'orders'
const PARTITIONS = [0, 1]
const ACTIVE = { naming: 'identity', provenance: true } as const

let rig: Rig
let there: RigLink
let back: RigLink
beforeAll(async () => {
  rig = await startRig('active-active')
  ;[there, back] = [await rig.link(ACTIVE), await rig.link({ ...ACTIVE, reverse: true })]
  for (const cluster of [rig.source, rig.target]) await cluster.createTopic(TOPIC, { partitions: PARTITIONS.length })
})
afterAll(() => rig?.stop())

const recordsOf = async ({ cluster }: RigCluster, partition: number): Promise<LogRecord[]> => {
  const brokers = new BrokerConnections(cluster)
  const records: LogRecord[] = []
  try {
    for await (const { batch } of readLog(brokers, { topic: TOPIC, partition })) records.push(...batch.records)
  } finally {
    await brokers.close()
  }
  return records
}

const isOurs = ({ name }: LogRecord['headers'][number]): boolean => name.toString() === PROVENANCE_HEADER

/** All of a record that applications know of, as text. */
const applicationsView = ({ timestamp, key, value, headers }: CorpusRecord): string =>
  JSON.stringify([
    timestamp,
    key?.toString('hex') ?? null,
    value?.toString('hex') ?? null,
    headers.filter((header) => !isOurs(header)).map(({ name, value }) => [`${name}`, value?.toString('hex') ?? null]),
  ])

/** Until both links have handled everything that both clusters hold, and that is no more than before. */
const settled = async (): Promise<void> => {
  const ends = async (): Promise<string> =>
    (await Promise.all([rig.source.logs(TOPIC), rig.target.logs(TOPIC)]))
      .flat()
      .map(({ logEnd }) => logEnd)
      .join()
  const isQuiet = async (): Promise<boolean> => {
    const before = await ends()
    for (const link of [there, back]) await link.caughtUp(TOPIC)
    return (await ends()) === before
  }
  await eventually('both clusters to be quiet', isQuiet, { withinMs: 60_000 })
}

describe('two clusters that replicate each other under the same names, while applications write to both', () => {
  const written = new Map(PARTITIONS.map((partition) => [partition, [] as CorpusRecord[]]))

  const write = async (cluster: RigCluster, partition: number, records: readonly CorpusRecord[]): Promise<void> => {
    written.get(partition)?.push(...records)
    await cluster.produce(TOPIC, partition, records)
  }

  beforeAll(async () => {
    for (const link of [there, back]) link.poll(TOPIC, { batchSize: 30 })
    for (let round = 0; round < 6; round++) {
      for (const partition of PARTITIONS) {
        await write(rig.source, partition, variedRecords(40, `source ${partition} ${round}`))
        await write(rig.target, partition, variedRecords(25, `target ${partition} ${round}`))
      }
    }
    await settled()
  }, 120_000)

  it.each(PARTITIONS)(
    'have each record exactly once on each side, with its own headers as they were: partition %i',
    async (partition) => {
      const expected = written.get(partition)?.map(applicationsView).toSorted()
      for (const cluster of [rig.source, rig.target])
        expect((await recordsOf(cluster, partition)).map(applicationsView).toSorted()).toEqual(expected)
    },
  )

  it.each(PARTITIONS)('keep the order of what was written on one side: partition %i', async (partition) => {
    for (const [from, to] of [
      [rig.source, rig.target],
      [rig.target, rig.source],
    ] as const) {
      const own = (await recordsOf(from, partition)).filter(({ headers }) => !headers.some(isOurs))
      const copies = (await recordsOf(to, partition)).filter(({ headers }) => headers.some(isOurs))
      expect(copies.map(applicationsView)).toEqual(own.map(applicationsView))
    }
  })

  it.each(PARTITIONS)(
    'account for every offset by maps that lead from each record to its copy: partition %i',
    async (partition) => {
      for (const link of [there, back]) {
        const [source, target] = [await recordsOf(link.source, partition), await recordsOf(link.target, partition)]
        const runs = (await link.head({ topic: TOPIC, partition }))?.openRuns ?? []
        expect(runs.reduce((sum, { length }) => sum + length, 0n)).toBe(BigInt(source.length))
        for (const run of runs.filter(isReplicated)) {
          for (let at = 0n; at < run.length; at++) {
            const [record, copy] = [source[Number(run.source + at)], target[Number(run.target + at)]]
            expect(copy && applicationsView(copy)).toBe(record && applicationsView(record))
          }
        }
        expect(await link.gaps({ topic: TOPIC, partition })).toEqual([])
      }
    },
  )

  it('count what came back and was left out', () => {
    const loopedBy = ({ fn }: RigLink): number => fn.outcomes.reduce((sum, { looped }) => sum + looped, 0)
    expect([loopedBy(there), loopedBy(back)]).toEqual([6 * 2 * 25, 6 * 2 * 40])
    expect([there, back].flatMap(({ fn }) => fn.outcomes.filter(({ error }) => error !== undefined))).toEqual([])
  })

  it('take a record that a stream processor made of a copy, headers and all, for the new record that it is', async () => {
    const copy = (await recordsOf(rig.target, 0)).find(({ headers }) => headers.some(isOurs))
    const derived = {
      timestamp: 1_700_000_000_000,
      key: null,
      value: Buffer.from('derived'),
      headers: copy?.headers ?? [],
    }
    expect(derived.headers).not.toEqual([])
    await rig.target.produce(TOPIC, 0, [derived])
    await settled()
    const found = (await recordsOf(rig.source, 0)).filter(({ value }) => value?.toString() === 'derived')
    expect(found.map(applicationsView)).toEqual([applicationsView(derived)])
    expect(back.fn.outcomes.reduce((sum, { untrusted }) => sum + untrusted, 0)).toBe(1)
  })
})

it('refuses a source and a target that are one cluster under two names', async () => {
  await rig.target.createTopic('same')
  await rig.target.produce('same', 0, variedRecords(1, 'same'))
  const environment = { ...there.environment, TWINSHORE_SOURCE: there.environment.TWINSHORE_TARGET ?? '' }
  const confused = startFunction({ environment })
  const event = { records: { 'same-0': [{ ...polled(0), topic: 'same', partition: 0 }] } }
  const { signal } = new AbortController()
  const how = { functionName: 'by-hand', event: 0, attempt: 0, why: 'first', signal } as const
  await confused.invoke(Buffer.from(JSON.stringify(event)), how)
  await confused.stop()
  expect(confused.outcomes.map(({ error }) => error?.code)).toEqual(['SAME_CLUSTER'])
  expect((await rig.target.logs('same'))[0]?.size).toBe(1)
})
