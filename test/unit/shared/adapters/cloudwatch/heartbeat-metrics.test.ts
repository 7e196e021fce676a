import { describe, expect, it } from 'vitest'
import { createBeatTeller, createLatencyTeller } from '../../../../../shared/adapters/cloudwatch/heartbeat-metrics.ts'
import { HEARTBEAT_METRICS } from '../../../../../shared/domain/metrics.ts'
import { emittedLines, OF_LINK } from '../../../../support/emitted-lines.ts'

const REPORT = { sent: 59, skipped: 0, held: 1, failed: 0 }

describe('what is told of heartbeats', () => {
  const { lines, metrics, logged, means } = emittedLines()

  it('is how many went out, and what was missed for good', () => {
    createBeatTeller(means())(REPORT)
    const { unit } = HEARTBEAT_METRICS.HeartbeatsSent
    expect(metrics()).toMatchObject([{ name: 'HeartbeatsSent', value: 59, unit, dimensions: OF_LINK }])
    createBeatTeller(means())({ ...REPORT, skipped: 7 })
    expect(logged()).toMatchObject([
      { level: 'INFO', sent: 59, held: 1 },
      { level: 'WARN', skipped: 7 },
    ])
  })

  it('is how long each took, in one line, so that percentiles are of all of them', () => {
    const tell = createLatencyTeller(means())
    tell(Array.from({ length: 100 }, (_, at) => at))
    expect(metrics()).toMatchObject([{ name: 'HeartbeatLatencyMs', unit: 'Milliseconds', dimensions: OF_LINK }])
    expect(metrics()[0]?.value).toHaveLength(100)
  })

  it('is nothing when none arrived', () => {
    createLatencyTeller(means())([])
    expect(lines).toEqual([])
  })
})
