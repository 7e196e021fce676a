import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../shared/domain/errors.ts'
import { listQuarantined, type ReplayDeps, replayQuarantined } from '../../../../shared/usecases/replay.ts'
import { replicateBatches } from '../../../../shared/usecases/replicate-batches.ts'
import { FakeLinkState } from '../../../fakes/link-state.ts'
import { FakeQuarantine } from '../../../fakes/quarantine.ts'
import { FakeSourceLog } from '../../../fakes/source-log.ts'
import { FakeTargetLog } from '../../../fakes/target-log.ts'
import { batchOf, deadlinesInTime, offsets, polled } from '../../../support/polled.ts'

const orders = { topic: 'orders', partition: 0 }
const { append: deadline } = deadlinesInTime()

describe('replaying quarantined records', () => {
  let target: FakeTargetLog
  let ledger: FakeLinkState
  let quarantine: FakeQuarantine
  let deps: ReplayDeps

  beforeEach(async () => {
    target = new FakeTargetLog()
    ledger = new FakeLinkState()
    quarantine = new FakeQuarantine()
    const source = new FakeSourceLog()
    target.createTopic('west.orders', 1)
    source.createTopic('orders', 1, 'incarnation-1')
    target.refuses = ({ offset }) => offset === 2 || offset === 4
    deps = { ledger, quarantine, target, clock: { now: () => 7 }, targetTopic: (topic) => `west.${topic}` }
    await replicateBatches([batchOf(offsets(0, 5))], deadlinesInTime(), {
      ...deps,
      source,
      state: ledger,
      alarm: () => undefined,
    })
  })

  const summary = (replays: readonly { source: bigint; kind: string }[]) =>
    replays.map(({ source, kind }) => [source, kind])

  it('lists what waits, puts it back at the end in order, once', async () => {
    expect(summary(await listQuarantined(orders, deadline, ledger))).toEqual([
      [2n, 'waiting'],
      [4n, 'waiting'],
    ])
    expect(summary(await replayQuarantined(orders, deadline, deps))).toEqual([
      [2n, 'failed'],
      [4n, 'failed'],
    ])
    target.refuses = ({ offset }) => offset === 4
    expect(await replayQuarantined(orders, deadline, deps)).toMatchObject([
      { source: 2n, kind: 'replayed', target: 4n },
      { source: 4n, kind: 'failed', error: { code: 'RECORD_REFUSED' } },
    ])
    target.refuses = () => false
    target.faults.push({
      error: new ReplicationError('TARGET_UNREACHABLE', 'test'),
      afterRecords: 0,
      acknowledged: true,
    })
    expect(summary(await replayQuarantined(orders, deadline, deps))).toEqual([
      [2n, 'replayed-before'],
      [4n, 'failed'],
    ])
    expect(summary(await replayQuarantined(orders, deadline, deps))).toEqual([
      [2n, 'replayed-before'],
      [4n, 'replayed'],
    ])
    expect(target.records('west.orders', 0)).toEqual([0, 1, 3, 5, 2, 4].map((offset) => polled(offset)))
  })

  it('says so when somebody else replays the same record at the same time', async () => {
    target.refuses = () => false
    const other = { ...deps, clock: { now: () => 8 } }
    const both = await Promise.all([
      replayQuarantined(orders, deadline, deps),
      replayQuarantined(orders, deadline, other),
    ])
    const ends = both.map((replays) => replays.find(({ source }) => source === 2n)?.kind)
    expect(ends).toEqual(['replayed', 'failed'])
  })
})
