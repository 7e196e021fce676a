import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createHandler } from '../../../functions/replicate/handler.ts'
import { createGapAlarm, createInvocationReport } from '../../../shared/adapters/cloudwatch/invocation-report.ts'
import { ReplicationError } from '../../../shared/domain/errors.ts'
import { beatRecord, HEARTBEAT_TOPIC } from '../../../shared/domain/heartbeat/beat.ts'
import { METRICS, METRICS_BY_TOPIC } from '../../../shared/domain/metrics.ts'
import type { PartitionOutcome } from '../../../shared/domain/outcome.ts'
import type { AppendOutcome, Deadline, MalformedPart } from '../../../shared/usecases/ports.ts'
import { FakeLinkState } from '../../fakes/link-state.ts'
import { FakeSourceLog } from '../../fakes/source-log.ts'
import { FakeTargetLog } from '../../fakes/target-log.ts'
import { emittedLines, OF_LINK } from '../../support/emitted-lines.ts'
import { intercepted } from '../../support/intercepted-port.ts'
import { offsets, polled } from '../../support/polled.ts'

const eventOf = (which: readonly number[], partition = 0) => ({
  records: { [`orders-${partition}`]: which.map((offset) => ({ ...polled(offset), topic: 'orders', partition })) },
})

describe('the replicate function', () => {
  const context = { getRemainingTimeInMillis: () => 60_000 }
  const reported: { outcomes: readonly PartitionOutcome[]; malformed: readonly MalformedPart[] }[] = []
  let target: FakeTargetLog
  let state: FakeLinkState

  beforeEach(() => {
    target = new FakeTargetLog()
    state = new FakeLinkState()
    target.createTopic('orders', 2)
    reported.length = 0
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const handlerWith = (over: Partial<Parameters<typeof createHandler>[0]> = {}) => {
    const source = new FakeSourceLog()
    source.createTopic('orders', 2, 'incarnation-1')
    const report = (outcomes: readonly PartitionOutcome[], malformed: readonly MalformedPart[]) =>
      void reported.push({ outcomes, malformed })
    const fakes = {
      target,
      source,
      state,
      quarantine: undefined,
      clock: Date,
      alarm: () => undefined,
      targetTopic: (topic: string) => topic,
      provenance: false,
    }
    return createHandler({ ...fakes, appendDeadlineMs: 20_000, report, ...over })
  }

  it('answers nothing when every partition is on the target and remembered', async () => {
    await expect(handlerWith()(eventOf(offsets(0, 9)), context)).resolves.toBeUndefined()
    expect(state.head({ topic: 'orders', partition: 0 })?.nextSource).toBe(10n)
    expect(reported).toMatchObject([{ outcomes: [{ replicated: 10 }], malformed: [] }])
  })

  it('tells how long the beats of its link took, and nothing of other topics', async () => {
    const told: (readonly number[])[] = []
    const source = new FakeSourceLog()
    source.createTopic(HEARTBEAT_TOPIC, 1, 'incarnation-1')
    source.createTopic('orders', 1, 'incarnation-1')
    target.createTopic(HEARTBEAT_TOPIC, 1)
    const beats = { link: 'west-east', tell: (latencies: readonly number[]) => void told.push(latencies) }
    const handler = handlerWith({ source, beats, clock: { now: () => 5_000 } })
    const beat = beatRecord({ sequence: 0, at: 0 }, { link: 'west-east', clusterId: 'c', epoch: 0 }, 3_800)
    await handler({ records: { beats: [{ ...beat, topic: HEARTBEAT_TOPIC, partition: 0 }] } }, context)
    await handler(eventOf([0]), context)
    expect(told).toEqual([[1_200], []])
  })

  it('fails the invocation when one partition failed, after the others were done, and says which', async () => {
    target.faults.push({ error: new ReplicationError('TARGET_DENIED', 'test'), afterRecords: 0, acknowledged: true })
    const event = { records: { ...eventOf([0], 0).records, ...eventOf([0], 1).records } }
    await expect(handlerWith()(event, context)).rejects.toThrow(
      /TARGET_DENIED: .*1 of 2 partitions failed, first orders-0/,
    )
    expect(target.records('orders', 1)).toHaveLength(1)
    expect(reported[0]?.outcomes.map(({ error }) => error?.code)).toEqual(['TARGET_DENIED', undefined])
  })

  it('fails the invocation for a malformed part, after the rest was done', async () => {
    const event = { records: { ...eventOf([0], 0).records, 'orders-1': 'nonsense' } }
    await expect(handlerWith()(event, context)).rejects.toThrow(
      /EVENT_MALFORMED: .*1 of 2 partitions failed, first orders-1/,
    )
    expect(target.records('orders', 0)).toHaveLength(1)
  })

  it('ends the append before the state, and both before Lambda', async () => {
    const seen: Deadline[] = []
    target.append = async (_batch, deadline): Promise<AppendOutcome> => {
      seen.push(deadline)
      return {
        placed: [],
        bytes: 0,
        stopped: { kind: 'failed', error: new ReplicationError('DEADLINE_PASSED', 'test') },
      }
    }
    const ofState: number[] = []
    const watched = intercepted(state, async (method, [, , , deadline], call) => {
      if (method === 'advance') ofState.push((deadline as Deadline).at)
      return await call()
    })
    vi.useFakeTimers({ toFake: ['Date'] })
    const begun = Date.now()
    const tight = { getRemainingTimeInMillis: () => 10_000 }
    await expect(handlerWith({ state: watched })(eventOf([0]), tight)).rejects.toThrow(/DEADLINE_PASSED/)
    expect(seen.map(({ at }) => at - begun)).toEqual([6_000])
    expect(ofState.map((at) => at - begun)).toEqual([9_000])
  })

  it('aborts what hangs at the deadline and leaves no timer behind', async () => {
    vi.useFakeTimers()
    target.append = (_batch, { signal }) =>
      new Promise((answer) => {
        const error = new ReplicationError('APPEND_OUTCOME_UNKNOWN', 'test')
        signal.addEventListener('abort', () => answer({ placed: [], bytes: 0, stopped: { kind: 'failed', error } }))
      })
    const invocation = expect(handlerWith()(eventOf([0]), context)).rejects.toThrow(/APPEND_OUTCOME_UNKNOWN/)
    await vi.advanceTimersByTimeAsync(20_000)
    await invocation
    expect(vi.getTimerCount()).toBe(0)
  })

  describe('its report', () => {
    const { lines, logged, means } = emittedLines()

    const handler = () => handlerWith({ report: createInvocationReport(means()) })

    it('emits every metric but those of gaps, and no other, under link, and what was replicated under its topic', async () => {
      await handler()(eventOf(offsets(0, 9)), context)
      expect(lines.filter((line) => !line.startsWith('{'))).toEqual([])
      const [ofLink, ofTopic, ...others] = lines.map((line) => JSON.parse(line)).filter((line) => '_aws' in line)
      expect(others).toEqual([])
      const [directive] = ofLink._aws.CloudWatchMetrics
      expect(directive.Namespace).toBe('Twinshore')
      expect(directive.Dimensions).toEqual([['installation', 'link']])
      expect(directive.Metrics.map(({ Name, Unit }: { Name: string; Unit: string }) => [Name, Unit]).sort()).toEqual(
        Object.entries(METRICS)
          .filter(([name]) => name !== 'LostRecords' && name !== 'QuarantinedRecords')
          .map(([name, { unit }]) => [name, unit])
          .sort(),
      )
      expect(ofLink).toMatchObject({
        ...OF_LINK,
        ReplicatedRecords: 10,
        FailedPartitions: 0,
        CheckpointWrites: 2,
      })
      const [byTopic] = ofTopic._aws.CloudWatchMetrics
      expect(byTopic.Dimensions).toEqual([['installation', 'link', 'topic']])
      expect(byTopic.Metrics.map(({ Name }: { Name: string }) => Name)).toEqual(METRICS_BY_TOPIC)
      expect(ofTopic).toMatchObject({ ...OF_LINK, topic: 'orders', ReplicatedRecords: 10 })
    })

    it('emits the metric of a gap at once, with its bounds in the log', () => {
      const alarm = createGapAlarm(means())
      const gap = { incarnation: 'i', from: 5n, to: 8n, reason: 'why', at: 1 }
      alarm({ topic: 'orders', partition: 3 }, { ...gap, kind: 'lost' })
      alarm({ topic: 'orders', partition: 3 }, { ...gap, to: 6n, kind: 'quarantined' })
      const emf = lines.map((line) => JSON.parse(line)).filter((line) => '_aws' in line)
      expect(emf).toMatchObject([{ ...OF_LINK, topic: 'orders', LostRecords: 3 }, { QuarantinedRecords: 1 }])
      expect(emf[0]._aws.CloudWatchMetrics[0].Dimensions).toEqual([
        ['installation', 'link'],
        ['installation', 'link', 'topic'],
      ])
      const bounds = { partition: 'orders-3', from: '5', reason: 'why' }
      expect(logged()).toMatchObject([
        { level: 'ERROR', ...bounds, kind: 'lost', to: '8' },
        { level: 'ERROR', ...bounds, kind: 'quarantined', to: '6' },
      ])
    })

    it('names a failed partition and its code, and never what is in the records', async () => {
      target.faults.push({ error: new ReplicationError('TARGET_DENIED', 'test'), afterRecords: 0, acknowledged: true })
      await expect(handler()(eventOf([0]), context)).rejects.toThrow()
      const all = lines.join('\n')
      expect(all).toMatch(/"partition": ?"orders-0"/)
      expect(all).toContain('TARGET_DENIED')
      const { key, value } = polled(0)
      for (const secret of [key, value, 'key-0', 'first-0']) expect(all).not.toContain(secret)
    })
  })
})
