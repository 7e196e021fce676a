import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AppendMeans, PartitionAppend } from '../../../../../shared/adapters/kafka/partition-append.ts'
import { Producer } from '../../../../../shared/adapters/kafka/producer-ids.ts'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import type { PolledRecord } from '../../../../../shared/domain/record.ts'
import type { AppendOutcome, Deadline } from '../../../../../shared/usecases/ports.ts'
import { base64, polledRecord, polledRecords } from '../../../../support/polled-records.ts'
import { FAULTS, type Fault, SimulatedLeader } from '../../../../support/simulated-leader.ts'

const inTime = (): Deadline => ({ at: Date.now() + 60_000, signal: new AbortController().signal })

/** What appends to one partition need, around a leader that is played. */
const meansFor = (outbox: AppendMeans['outbox'], own: Partial<AppendMeans> = {}): AppendMeans => {
  let producer = new Producer(0n, 0, Date.now())
  return {
    cluster: { name: 'target', unreachable: 'TARGET_UNREACHABLE' },
    topics: { find: async () => ({ kind: 'known', topicId: 'first-life', leaders: new Map([[0, 1]]) }) },
    limits: { limitBytes: async () => 300 },
    producers: {
      current: async () => {
        if (!producer.usable(Date.now())) producer = new Producer(producer.id + 1n, 0, Date.now())
        return producer
      },
    },
    outbox,
    compression: { codec: 'none', compress: (bytes) => bytes },
    pauseMs: () => 0,
    ...own,
  }
}

type Records = readonly [PolledRecord, ...PolledRecord[]]

const append = (records: Records, means: AppendMeans, deadline = inTime()): Promise<AppendOutcome> =>
  new PartitionAppend({ topic: 'orders', partition: 0, records }, deadline, means).run()

/** Properties take a second on a quiet machine. */
const PATIENCE_MS = 60_000

const NO_BLAME = { message: undefined, recordIndex: undefined }

const placedCount = ({ placed }: AppendOutcome): number => placed.reduce((sum, { count }) => sum + count, 0)

const valueIn = ({ value }: PolledRecord): string => Buffer.from(value ?? '', 'base64').toString()

/** `poison` at these positions. */
const withPoison = (records: Records, positions: readonly number[]): Records =>
  records.map((record, at) =>
    positions.includes(at) ? { ...record, value: base64(`poison ${at}`) } : record,
  ) as unknown as Records

const isRest = (records: readonly PolledRecord[]): records is Records => records.length > 0

/** Delivers again what has no place, as the poller does, until everything has. */
const deliverUntilPlaced = async (records: Records, means: AppendMeans) => {
  const outcomes: { readonly first: number; readonly outcome: AppendOutcome }[] = []
  for (let rest: readonly PolledRecord[] = records; isRest(rest); ) {
    const outcome = await append(rest, means)
    outcomes.push({ first: records.length - rest.length, outcome })
    rest = rest.slice(placedCount(outcome))
  }
  return outcomes
}

describe('an append', () => {
  it('places all records in order, in as many batches as the limit asks for', async () => {
    const leader = new SimulatedLeader([])
    const records = polledRecords(40)
    const { placed, stopped } = await append(records, meansFor(leader))
    expect(stopped).toBeUndefined()
    expect(leader.log).toEqual(records.map(valueIn))
    expect(placed.length).toBeGreaterThan(3)
    expect(placed.map(({ first }) => BigInt(first))).toEqual(placed.map(({ target }) => target))
  })

  it('sends nothing behind the first batch of a producer, and then at most five at once', async () => {
    const leader = new SimulatedLeader([])
    const means = meansFor(leader, { limits: { limitBytes: async () => 1 } })
    await append(polledRecords(1), means)
    expect(leader.mostInFlight).toBe(1)
    await append(polledRecords(20), means)
    expect(leader.mostInFlight).toBe(5)
  })

  it(
    'loses nothing, alters no order, and repeats only what it called unknown, whatever befalls the batches',
    async () => {
      const faults = fc.array(fc.constantFrom<Fault>(...FAULTS, 'none', 'none', 'none'), { maxLength: 25 })
      await fc.assert(
        fc.asyncProperty(faults, fc.integer({ min: 1, max: 60 }), async (script, count) => {
          const leader = new SimulatedLeader(script)
          const records = polledRecords(count)
          const outcomes = await deliverUntilPlaced(records, meansFor(leader))
          expect(leader.silentLosses).toEqual([])
          for (const { first, outcome } of outcomes) {
            for (const { first: at, count: length, target } of outcome.placed) {
              const expected = records.slice(first + at, first + at + length).map(valueIn)
              expect(leader.log.slice(Number(target), Number(target) + length)).toEqual(expected)
            }
          }
          for (const [at, record] of records.entries()) {
            const excused = outcomes.filter(
              ({ first, outcome }) =>
                outcome.stopped?.error.code === 'APPEND_OUTCOME_UNKNOWN' && first + placedCount(outcome) <= at,
            ).length
            const copies = leader.log.filter((value) => value === valueIn(record)).length
            expect(copies).toBeGreaterThanOrEqual(1)
            expect(copies).toBeLessThanOrEqual(1 + excused)
          }
        }),
        { numRuns: 200 },
      )
    },
    PATIENCE_MS,
  )

  it(
    'gives up the producer after an outcome that nobody knows, and only then',
    async () => {
      const faults = fc.array(fc.constantFrom<Fault>(...FAULTS), { maxLength: 25 })
      await fc.assert(
        fc.asyncProperty(faults, async (script) => {
          const leader = new SimulatedLeader(script)
          const means = meansFor(leader)
          for (let at = 0; at < 5; at++) {
            const before = await means.producers.current(inTime().signal)
            const { stopped } = await append(polledRecords(8, {}, at * 8), means)
            const after = await means.producers.current(inTime().signal)
            expect(after !== before).toBe(stopped?.error.code === 'APPEND_OUTCOME_UNKNOWN')
          }
        }),
        { numRuns: 150 },
      )
    },
    PATIENCE_MS,
  )

  it('finishes with its producer although another partition has made that doubtful meanwhile', async () => {
    const leader = new SimulatedLeader([])
    const means = meansFor(leader, { limits: { limitBytes: async () => 1 } })
    await append(polledRecords(1), means)
    const underWay = append(polledRecords(9, {}, 1), means)
    const producer = await means.producers.current(inTime().signal)
    producer.retire()
    expect((await underWay).stopped).toBeUndefined()
    expect([...leader.producers]).toEqual([producer.id])
    await append(polledRecords(1, {}, 10), means)
    expect(leader.producers.size).toBe(2)
  })

  it.each([
    ['names the culprit', true],
    ['names nobody', false],
  ])('places everything before a record that is refused, and stops at it, when the broker %s', async (_how, blames) => {
    const positions = fc.uniqueArray(fc.nat(39), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(positions, fc.integer({ min: 200, max: 2000 }), async (poisoned, limitBytes) => {
        const leader = new SimulatedLeader([])
        leader.blames = blames
        const records = withPoison(polledRecords(40), poisoned)
        const outcome = await append(records, meansFor(leader, { limits: { limitBytes: async () => limitBytes } }))
        const first = Math.min(...poisoned)
        expect(outcome.stopped).toMatchObject({ kind: 'refused', error: { code: 'RECORD_REFUSED' } })
        expect(outcome.stopped?.error.message).toContain(`source offset ${first} `)
        expect(placedCount(outcome)).toBe(first)
        expect(leader.log).toEqual(records.slice(0, first).map(valueIn))
      }),
    )
  })

  it('goes on behind a refused record with the same producer', async () => {
    const leader = new SimulatedLeader([])
    const means = meansFor(leader)
    const records = withPoison(polledRecords(40), [20])
    await append(records, means)
    const rest = records.slice(21)
    if (isRest(rest)) await append(rest, means)
    expect(leader.log).toEqual(records.toSpliced(20, 1).map(valueIn))
    expect(leader.producers.size).toBe(1)
  })

  it('does not take a refusal for an answer while an earlier try of the same bytes may be in the log', async () => {
    const leader = new SimulatedLeader(['lost-before'])
    const outcome = await append(withPoison(polledRecords(3), [0]), meansFor(leader))
    expect(outcome.stopped).toMatchObject({ kind: 'failed', error: { code: 'APPEND_OUTCOME_UNKNOWN' } })
  })

  it('does not cut a refused batch while one behind it may be in the log', async () => {
    const leader = new SimulatedLeader(['none', 'none', 'lost-before'])
    const means = meansFor(leader, { limits: { limitBytes: async () => 160 } })
    await append(polledRecords(1), means)
    const { stopped } = await append(withPoison(polledRecords(8, {}, 1), [0]), means)
    expect(stopped).toMatchObject({ kind: 'failed', error: { code: 'APPEND_OUTCOME_UNKNOWN' } })
  })

  it('stops when the topic was created again while it was under way', async () => {
    let life = 0
    const topics: AppendMeans['topics'] = {
      find: async (_topic, { fresh }) => {
        if (fresh) life++
        return { kind: 'known', topicId: `life ${life}`, leaders: new Map([[0, 1]]) }
      },
    }
    const leader = new SimulatedLeader(['not-enough-replicas'])
    const { stopped } = await append(polledRecords(3), meansFor(leader, { topics }))
    expect(stopped?.error.code).toBe('APPEND_OUTCOME_UNKNOWN')
    expect(leader.log).toEqual([])
  })

  it('stops when target offsets go back, for then they belong to two lives of the topic', async () => {
    const offsets = [100n, 3n]
    const send = async () => ({ kind: 'answered' as const, error: 0, baseOffset: offsets.shift() ?? 0n, ...NO_BLAME })
    const { placed, stopped } = await append(polledRecords(40), meansFor({ send }))
    expect(placed).toMatchObject([{ target: 100n }])
    expect(stopped?.error.code).toBe('APPEND_OUTCOME_UNKNOWN')
  })

  it.each([
    ['lost-after', 'APPEND_OUTCOME_UNKNOWN'],
    ['lost-before', 'APPEND_OUTCOME_UNKNOWN'],
    ['not-connected', 'TARGET_UNREACHABLE'],
    ['not-enough-replicas', 'TARGET_NOT_ENOUGH_REPLICAS'],
    ['not-enough-replicas-after', 'APPEND_OUTCOME_UNKNOWN'],
    ['not-leader-after', 'APPEND_OUTCOME_UNKNOWN'],
    ['timed-out-after', 'APPEND_OUTCOME_UNKNOWN'],
  ] as const)('tells at the deadline what is known, when it was %s all the time', async (fault, code) => {
    const leader = new SimulatedLeader(Array.from({ length: 1_000 }, () => fault))
    const deadline = new AbortController()
    const pauseMs = (attempt: number): number => {
      if (attempt === 9) deadline.abort()
      return 0
    }
    const { stopped } = await append(polledRecords(3), meansFor(leader, { pauseMs }), {
      ...inTime(),
      signal: deadline.signal,
    })
    expect(stopped).toMatchObject({ kind: 'failed', error: { code } })
  })

  it('waits for what is under way before it reports that a later record cannot be decoded', async () => {
    const leader = new SimulatedLeader([])
    const means = meansFor(leader, { limits: { limitBytes: async () => 1 } })
    await append(polledRecords(1), means)
    const broken = polledRecord({ offset: 3, value: 'not base64' })
    const outcome = await append([...polledRecords(3), broken], means)
    expect(outcome.stopped?.error.code).toBe('EVENT_MALFORMED')
    expect(placedCount(outcome)).toBe(3)
    expect(leader.log).toHaveLength(4)
  })

  it('keeps what has its place when something breaks that nobody foresaw, and says what it was', async () => {
    const leader = new SimulatedLeader([])
    let batches = 0
    const compress = (bytes: Uint8Array): Uint8Array => {
      if (++batches > 3) throw new TypeError('boom') // the first goes alone, and two more are on their way
      return bytes
    }
    const compression = { codec: 'gzip', compress } as const
    const outcome = await append(polledRecords(40), meansFor(leader, { compression }))
    const error = expect.objectContaining({ code: 'UNEXPECTED', cause: new TypeError('boom') })
    expect(outcome.stopped).toEqual({ kind: 'failed', error })
    expect(outcome.placed).toHaveLength(3)
  })

  it('asks patiently while no broker can be reached, and not at all when it may not', async () => {
    let asked = 0
    const limitBytes = async (): Promise<number> => {
      if (asked++ < 3) throw new ReplicationError('TARGET_UNREACHABLE', 'asking')
      return 300
    }
    const leader = new SimulatedLeader([])
    expect((await append(polledRecords(1), meansFor(leader, { limits: { limitBytes } }))).stopped).toBeUndefined()
    const denied = async () => Promise.reject(new ReplicationError('TARGET_DENIED', 'asking for a producer id'))
    const { stopped } = await append(polledRecords(1), meansFor(leader, { producers: { current: denied } }))
    expect(stopped?.error.code).toBe('TARGET_DENIED')
  })
})
