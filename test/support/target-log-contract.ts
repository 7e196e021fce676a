import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PartitionBatch, type PolledRecord, partitionName } from '../../shared/domain/record.ts'
import type { AppendOutcome, Deadline, SourceLog, TargetLog } from '../../shared/usecases/ports.ts'
import { base64, polledRecord, polledRecords } from './polled-records.ts'

/** What is needed to hold a `TargetLog` to its contract. */
export interface TargetWorld {
  readonly log: TargetLog
  /** When `keyed`, the topic refuses records without a key. */
  createTopic(topic: string, partitions: number, how?: { readonly keyed: boolean }): Promise<void>
  /** The values of a partition, read by other means than the log. */
  values(topic: string, partition: number): Promise<string[]>
}

export const inTime = (ms = 30_000): Deadline => ({ at: Date.now() + ms, signal: AbortSignal.timeout(ms) })

const valuesOf = (records: readonly PolledRecord[]): string[] =>
  records.map(({ value }) => Buffer.from(value ?? '', 'base64').toString())

const batchOf = (
  topic: string,
  partition: number,
  records: PartitionBatch['records'] = polledRecords(5),
): PartitionBatch => ({
  topic,
  partition,
  records,
})

const placedCount = ({ placed }: AppendOutcome): number => placed.reduce((sum, { count }) => sum + count, 0)

/** The sentences that hold for every `TargetLog`. */
export const describeTargetLog = (name: string, open: () => Promise<TargetWorld>) =>
  describe(`${name} keeps the contract of a target log`, () => {
    let world: TargetWorld
    beforeAll(async () => {
      world = await open()
    })

    it('places records in order, one append behind the other, and tells where', async () => {
      await world.createTopic('in-order', 1)
      const [first, second] = [polledRecords(7), polledRecords(4, {}, 7)]
      const outcomes = [
        await world.log.append(batchOf('in-order', 0, first), inTime()),
        await world.log.append(batchOf('in-order', 0, second), inTime()),
      ]
      expect(outcomes.map(({ stopped }) => stopped)).toEqual([undefined, undefined])
      const log = await world.values('in-order', 0)
      expect(log).toEqual(valuesOf([...first, ...second]))
      const placed = outcomes.flatMap(({ placed }, at) =>
        placed.map((one) => ({ ...one, from: at === 0 ? first : second })),
      )
      for (const { first: at, count, target, from } of placed)
        expect(log.slice(Number(target), Number(target) + count)).toEqual(valuesOf(from.slice(at, at + count)))
      for (const { bytes } of outcomes) expect(bytes).toBeGreaterThan(0)
    })

    it('appends to many partitions in one tick, and a partition that fails keeps none of the others back', async () => {
      await world.createTopic('many', 8)
      const appends = Array.from({ length: 9 }, (_, partition) =>
        world.log.append(batchOf('many', partition), inTime()),
      )
      const outcomes = await Promise.all(appends)
      expect(outcomes.map(({ stopped }) => stopped?.error.code)).toEqual([
        ...Array.from({ length: 8 }, () => undefined),
        'TARGET_PARTITION_MISSING',
      ])
      for (let partition = 0; partition < 8; partition++) expect(await world.values('many', partition)).toHaveLength(5)
    })

    it('never puts the records of a missing partition anywhere else', async () => {
      await world.createTopic('narrow', 2)
      const outcome = await world.log.append(batchOf('narrow', 2), inTime())
      expect(outcome).toMatchObject({
        placed: [],
        stopped: { kind: 'failed', error: { code: 'TARGET_PARTITION_MISSING' } },
      })
      expect([...(await world.values('narrow', 0)), ...(await world.values('narrow', 1))]).toEqual([])
    })

    it('says that a topic is unknown', async () => {
      const { placed, stopped } = await world.log.append(batchOf('nowhere', 0), inTime())
      expect(placed).toEqual([])
      expect(stopped).toMatchObject({ kind: 'failed', error: { code: 'TARGET_TOPIC_UNKNOWN' } })
    })

    it('places everything before a record that the target refuses, and nothing behind it', async () => {
      await world.createTopic('refusing', 1, { keyed: true })
      const keyless = polledRecord({ offset: 13, key: null, value: base64('keyless') })
      const records = [...polledRecords(13), keyless, ...polledRecords(10, {}, 14)] as const
      const outcome = await world.log.append(batchOf('refusing', 0, records), inTime())
      expect(outcome.stopped).toMatchObject({ kind: 'refused', error: { code: 'RECORD_REFUSED' } })
      expect(outcome.stopped?.error.message).toContain('source offset 13')
      expect(placedCount(outcome)).toBe(13)
      expect(await world.values('refusing', 0)).toEqual(valuesOf(records.slice(0, 13)))
      const rest = await world.log.append(batchOf('refusing', 0, polledRecords(10, {}, 14)), inTime())
      expect(rest.stopped).toBeUndefined()
      expect(await world.values('refusing', 0)).toEqual(valuesOf(records.toSpliced(13, 1)))
    })

    it('writes nothing once the deadline has passed, and works again with the next', async () => {
      await world.createTopic('late', 1)
      const late = { at: Date.now() - 1, signal: AbortSignal.abort() }
      const outcome = await world.log.append(batchOf('late', 0), late)
      expect(outcome).toMatchObject({ placed: [], stopped: { kind: 'failed', error: { code: 'DEADLINE_PASSED' } } })
      expect(await world.values('late', 0)).toEqual([])
      expect((await world.log.append(batchOf('late', 0), inTime())).stopped).toBeUndefined()
      expect(await world.values('late', 0)).toHaveLength(5)
    })
  })

/** What is needed to hold a `SourceLog` to its contract. */
export interface SourceWorld {
  readonly log: SourceLog
  /** Creates the topic with records in it, after deleting it when there is one. */
  createTopicAnew(topic: string, partitions: number): Promise<void>
  deleteRecordsBefore(topic: string, partition: number, offset: bigint): Promise<void>
  close?(): Promise<void>
}

/** The sentences that hold for every `SourceLog`. */
export const describeSourceLog = (name: string, open: () => Promise<SourceWorld>) =>
  describe(`${name} keeps the contract of a source log`, () => {
    let world: SourceWorld
    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close?.())

    const describePartition = (topic: string, partition: number) => world.log.describe({ topic, partition }, inTime())

    it('tells the incarnation of a topic, the same for all its partitions, and that nothing was deleted yet', async () => {
      await world.createTopicAnew('steady', 2)
      const [first, second] = await Promise.all([describePartition('steady', 0), describePartition('steady', 1)])
      expect(first).toMatchObject({ topic: 'steady', partition: 0, logStart: 0n, logEnd: 5n })
      expect(second).toMatchObject({ topic: 'steady', partition: 1, incarnation: first.incarnation })
      expect(first.incarnation).toMatch(/^[\w-]{22}$/)
    })

    it('tells a topic that was deleted and created again from the one before', async () => {
      await world.createTopicAnew('reborn', 1)
      const before = await describePartition('reborn', 0)
      await world.createTopicAnew('reborn', 1)
      const after = await describePartition('reborn', 0)
      expect(after.incarnation).not.toBe(before.incarnation)
    })

    it('tells the first offset that is left, partition by partition', async () => {
      await world.createTopicAnew('retained', 2)
      await world.deleteRecordsBefore('retained', 1, 3n)
      const described = await Promise.all([describePartition('retained', 0), describePartition('retained', 1)])
      expect(described.map(({ logStart }) => logStart)).toEqual([0n, 3n])
    })

    it.each([
      ['a topic', { topic: 'never-made', partition: 0 }],
      ['a partition', { topic: 'small', partition: 1 }],
    ])('says that it does not know %s', async (_what, partition) => {
      await world.createTopicAnew('small', 1)
      await expect(world.log.describe(partition, inTime())).rejects.toMatchObject({
        code: 'SOURCE_TOPIC_UNKNOWN',
        message: expect.stringContaining(partitionName(partition)),
      })
    })
  })
