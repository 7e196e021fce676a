import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { HEARTBEAT_TOPIC } from '../../../../../shared/domain/heartbeat/beat.ts'
import { type BeatDeps, beat } from '../../../../../shared/usecases/heartbeat/beat.ts'
import { FakeHeartbeatLedger } from '../../../../fakes/heartbeat-ledger.ts'
import { FakeLease } from '../../../../fakes/lease.ts'
import { FakeLinkState } from '../../../../fakes/link-state.ts'
import { FakeTargetLog } from '../../../../fakes/target-log.ts'
import { FakeTopicAdmin } from '../../../../fakes/topic-admin.ts'
import { inTime } from '../../../../support/in-time.ts'

const T = 1_700_000_000_000
const MINUTE_MS = 60_000

describe('heartbeats', () => {
  let now: number
  let log: FakeTargetLog
  let topics: FakeTopicAdmin
  let ledger: FakeHeartbeatLedger
  let lease: FakeLease
  let state: FakeLinkState
  let failures: string[]
  let meanwhile: () => Promise<unknown> | undefined

  beforeEach(() => {
    now = T
    log = new FakeTargetLog()
    log.createTopic(HEARTBEAT_TOPIC, 1)
    topics = new FakeTopicAdmin('source')
    ledger = new FakeHeartbeatLedger()
    lease = new FakeLease()
    state = new FakeLinkState()
    failures = []
    meanwhile = () => undefined
  })

  const deps = (over: Partial<BeatDeps> = {}): BeatDeps => ({
    link: { name: 'west-east', source: { name: 'west' } },
    log,
    topics,
    state,
    ledger,
    lease,
    clock: { now: () => now },
    rest: async (ms) => {
      now += ms
      await meanwhile()
      return true
    },
    within: () => ({ ...inTime(), end: () => undefined }),
    fail: ({ code }) => void failures.push(code),
    ...over,
  })
  const run = (owner: string, forMs: number, over: Partial<BeatDeps> = {}) =>
    beat({ owner, until: now + forMs }, inTime(), deps(over))
  const beaten = () =>
    log.records(HEARTBEAT_TOPIC, 0).map(({ value }) => JSON.parse(Buffer.from(value ?? '', 'base64').toString()))
  const sequences = () => beaten().map(({ sequence }) => sequence)
  const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1)

  it('go out every second, and say of whom and when', async () => {
    state.status = { ...state.status, epoch: 3 }
    log.id = 'cluster-of-west'
    now = T + 400
    expect(await run('one', 3_000)).toEqual({ sent: 4, skipped: 0, held: 0, failed: 0 })
    expect(beaten()).toEqual(
      upTo(4).map((sequence) => ({
        link: 'west-east',
        clusterId: 'cluster-of-west',
        sequence,
        at: T + (sequence - 1) * 1_000,
        epoch: 3,
      })),
    )
    const [first] = log.records(HEARTBEAT_TOPIC, 0)
    expect(first).toMatchObject({ timestamp: T + 400, key: Buffer.from('west-east').toString('base64') })
  })

  it('go on where the last invocation stopped, with what was missed', async () => {
    await run('one', 2_000)
    now += 3 * MINUTE_MS
    await run('two', 2_000)
    expect(sequences()).toEqual(upTo(sequences().length))
    expect(beaten().at(-1).at).toBe(T + 3_000 + 3 * MINUTE_MS + 2_000)
    const timestamps = log.records(HEARTBEAT_TOPIC, 0).map(({ timestamp }) => timestamp)
    expect(timestamps[3]).toBe(T + 3_000 + 3 * MINUTE_MS)
  })

  it('are not made up for without end', async () => {
    await run('one', 0)
    now += 11 * MINUTE_MS
    expect((await run('two', 0)).skipped).toBeGreaterThan(59)
    expect(beaten()).toHaveLength(601)
  })

  it('come from one of two invocations at a time', async () => {
    let other: Promise<unknown> | undefined
    meanwhile = () => {
      other ??= run('two', 0, { rest: async () => false })
      return other
    }
    await run('one', 20_000)
    expect(await other).toMatchObject({ sent: 0, held: 1 })
    expect(sequences()).toEqual(upTo(21))
  })

  it('are sent again by who follows one that died before it remembered them, with the same numbers', async () => {
    ledger.remember = async () => {
      throw new ReplicationError('STATE_UNREACHABLE', 'killed here')
    }
    await expect(run('one', 0)).rejects.toThrow('killed here')
    ledger = new FakeHeartbeatLedger()
    await run('two', 1_000)
    expect(sequences()).toEqual([1, 1, 2])
  })

  it('wait for the lease of one that died', async () => {
    lease.held = { owner: 'dead', until: T + 5_000 }
    const report = await run('two', 6_000)
    expect(report).toMatchObject({ held: 5, failed: 0 })
    expect(sequences()).toEqual([1, 2])
  })

  it('go on after those of another one, when an invocation was frozen for longer than its lease', async () => {
    let other: Promise<unknown> | undefined
    meanwhile = () => {
      if (other !== undefined) return other
      now += 20_000
      other = run('two', 0, { rest: async () => false })
      return other
    }
    await run('one', 25_000)
    expect(sequences()).toEqual(upTo(sequences().length))
    expect(sequences().length).toBeGreaterThan(21)
  })

  it('are not sent twice by one whose checkpoint could not be written', async () => {
    const { remember } = FakeHeartbeatLedger.prototype
    let writes = 0
    ledger.remember = async (owner, one) => {
      if (writes++ === 1) throw new ReplicationError('STATE_UNREACHABLE', 'once')
      return remember.call(ledger, owner, one)
    }
    expect(await run('one', 4_000)).toMatchObject({ failed: 1 })
    expect(failures).toEqual(['STATE_UNREACHABLE'])
    expect(sequences()).toEqual(upTo(5))
  })

  it('stop when another has beaten farther although the lease was there', async () => {
    meanwhile = async () => {
      ledger.kept = { owner: 'zombie', beat: { sequence: 50, at: now } }
    }
    const report = await run('one', 1_000)
    expect(report.held).toBe(1)
  })

  it('end before the lease does', async () => {
    const given: number[] = []
    const within: BeatDeps['within'] = (ms) => {
      given.push(ms)
      return { ...inTime(), end: () => undefined }
    }
    await run('one', 30_000, { within })
    expect(Math.min(...given)).toBeGreaterThanOrEqual(5_000)
    const slow = { ...lease, acquire: async () => 'acquired' as const, release: async () => undefined }
    given.length = 0
    const late: BeatDeps['ledger'] = {
      read: async () => {
        now += 12_000
        return undefined
      },
      remember: async () => 'remembered',
    }
    await run('two', 0, { within, lease: slow, ledger: late, rest: async () => false })
    expect(given.at(-2)).toBe(1_000)
  })

  it('make their topic, and come a second later', async () => {
    log = new FakeTargetLog()
    const create = topics.create.bind(topics)
    topics.create = async (made, deadline) => {
      log.createTopic(HEARTBEAT_TOPIC, 1)
      return await create(made, deadline)
    }
    topics.brokers = 2
    expect(await run('one', 2_000)).toEqual({ sent: 2, skipped: 0, held: 0, failed: 0 })
    const made = topics.topics.get(HEARTBEAT_TOPIC)
    expect(made).toMatchObject({ partitions: 1, replicationFactor: 2 })
    expect(made?.settings.get('retention.ms')).toBe('86400000')
    expect(sequences()).toEqual(upTo(2))
  })

  it('say which right is missing to make their topic', async () => {
    log = new FakeTargetLog()
    topics.refuse('create', HEARTBEAT_TOPIC, 'TOPIC_DENIED')
    await expect(run('one', 1_000)).rejects.toMatchObject({ code: 'TOPIC_DENIED' })
  })

  it('say what to check when their topic never shows, now and then and not with every beat', async () => {
    log = new FakeTargetLog()
    const said: string[] = []
    const fail: BeatDeps['fail'] = ({ message }) => void said.push(message)
    await expect(run('one', 9_000, { fail })).resolves.toMatchObject({ sent: 0, failed: 0 })
    await expect(run('one', 32_000, { fail })).rejects.toMatchObject({ code: 'SOURCE_TOPIC_UNKNOWN' })
    expect(said).toHaveLength(3)
    expect(said[0]).toMatch(
      /west-east.*west: twinshore\.heartbeats was made 10 s ago.*may the login DESCRIBE and WRITE/,
    )
  })

  it('fail as a whole only when none went out, in words of the source', async () => {
    const fault = () => ({
      error: new ReplicationError('TARGET_UNREACHABLE', 'test'),
      afterRecords: 0,
      acknowledged: false,
    })
    log.faults.push(fault())
    expect(await run('one', 1_000)).toMatchObject({ sent: 1, failed: 1 })
    expect(failures).toEqual(['SOURCE_UNREACHABLE'])
    log.faults.push(fault(), fault(), fault())
    await expect(run('two', 1_000)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })

  it('that were placed before a fault are remembered', async () => {
    await run('one', 0)
    now += 4_000
    const error = new ReplicationError('TARGET_UNREACHABLE', 'test')
    log.faults.push({ error, afterRecords: 2, acknowledged: true })
    await run('two', 1_000)
    expect(sequences()).toEqual(upTo(sequences().length))
    expect(ledger.kept?.beat.sequence).toBe(sequences().length)
  })

  it('give the lease back', async () => {
    await run('one', 0)
    expect(lease.held).toBeUndefined()
  })
})
