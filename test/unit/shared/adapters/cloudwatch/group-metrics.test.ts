import { describe, expect, it } from 'vitest'
import { createGroupTeller } from '../../../../../shared/adapters/cloudwatch/group-metrics.ts'
import { GROUP_METRICS } from '../../../../../shared/domain/metrics.ts'
import type { GroupPassReport, MovedPosition } from '../../../../../shared/usecases/groups/group-report.ts'
import { emittedLines, OF_LINK } from '../../../../support/emitted-lines.ts'

const quiet: GroupPassReport = {
  compared: 3,
  groupsMoved: 0,
  positionsMoved: 0,
  live: 0,
  groups: [],
  leftOut: [],
  troubles: [],
  faulted: [],
}

const position = (outcome: MovedPosition['outcome'], error?: string): MovedPosition => ({
  partition: 0,
  source: '1',
  target: '2',
  kind: 'exact',
  outcome,
  ...(error !== undefined && { error }),
})

describe('what is told of a pass over groups', () => {
  const emitted = emittedLines()

  const tell = (report: GroupPassReport) => {
    createGroupTeller(emitted.means())(report)
    return { metrics: emitted.measured(), logged: emitted.messages(), text: emitted.lines.join('\n') }
  }

  it('is, of groups in step, that nothing moved and nothing failed, so that an alarm can clear', () => {
    const { metrics, logged } = tell(quiet)
    expect(metrics).toEqual(Object.keys(GROUP_METRICS).map((name) => ({ name, dimensions: OF_LINK, value: 0 })))
    expect(logged).toEqual(['INFO groups compared'])
  })

  it('is how much was moved, left alone and failed, in the units that are declared', () => {
    const { metrics } = tell({ ...quiet, groupsMoved: 2, positionsMoved: 7, live: 3, faulted: ['a'] })
    expect(metrics.map(({ name, value }) => [name, value])).toEqual([
      ['GroupsMoved', 2],
      ['PositionsMoved', 7],
      ['PositionsHeldBack', 0],
      ['PositionsFailed', 0],
      ['GroupsLive', 3],
      ['GroupsFaulted', 1],
    ])
    expect(emitted.units()).toEqual(new Map(Object.entries(GROUP_METRICS).map(([name, { unit }]) => [name, unit])))
  })

  it('is how many positions were held back and how many failed, each once', () => {
    const skip = { topic: 'orders', detail: 'why' }
    const positions = [position('moved'), position('failed', 'GROUP_DENIED: committing')]
    const { metrics } = tell({
      ...quiet,
      groups: [
        {
          group: 'a',
          moved: [{ topic: 'orders', targetTopic: 'west.orders', positions }],
          skipped: [
            { ...skip, partitions: [1, 2], because: 'live' },
            { ...skip, partitions: [3], because: 'would-lower' },
            { ...skip, partitions: [4, 5, 6], because: 'echo' },
            { ...skip, partitions: [7, 8], because: 'failed' },
          ],
        },
      ],
    })
    const values = new Map(metrics.map(({ name, value }) => [name, value]))
    expect([values.get('PositionsHeldBack'), values.get('PositionsFailed')]).toEqual([3, 3])
  })

  it('is a line for each group that was moved, and an error for each that failed, with why', () => {
    const moved = (positions: readonly MovedPosition[]) => [{ topic: 'orders', targetTopic: 'west.orders', positions }]
    const skip = { topic: 'orders', partitions: [1], because: 'failed' as const, detail: 'TOPIC_DENIED: reading' }
    const { logged, text } = tell({
      ...quiet,
      troubles: ['TARGET_UNREACHABLE: listing'],
      groups: [
        { group: 'a', moved: moved([position('moved')]), skipped: [{ ...skip, because: 'echo' }] },
        { group: 'b', moved: moved([position('failed', 'GROUP_DENIED: committing')]), skipped: [] },
        { group: 'c', moved: [], skipped: [skip] },
        { group: 'd', moved: [], skipped: [], error: 'SOURCE_UNREACHABLE: reading' },
        { group: 'e', moved: [], skipped: [{ ...skip, because: 'live' }] },
      ],
    })
    expect(logged).toEqual([
      'INFO group moved',
      'ERROR group failed',
      'INFO group moved',
      'ERROR group failed',
      'ERROR group failed',
      'WARN groups not described',
      'INFO groups compared',
    ])
    for (const why of ['GROUP_DENIED', 'TOPIC_DENIED', 'SOURCE_UNREACHABLE', 'TARGET_UNREACHABLE'])
      expect(text).toContain(why)
  })
})
