import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createBeatTeller, createLatencyTeller } from '../../../../../shared/adapters/cloudwatch/heartbeat-metrics.ts'
import { HEARTBEAT_METRICS, METRIC_NAMESPACE } from '../../../../../shared/domain/metrics.ts'
import { metricsIn } from '../../../../support/emitted-metrics.ts'

const LINK = { installation: 'mine', name: 'west-east' }
const dimensions = { installation: 'mine', link: 'west-east' }
const REPORT = { sent: 59, skipped: 0, held: 1, failed: 0 }

describe('what is told of heartbeats', () => {
  const lines: string[] = []

  beforeEach(() => {
    lines.length = 0
    vi.stubEnv('POWERTOOLS_DEV', 'true')
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
    vi.stubEnv('LOG_LEVEL', 'INFO')
    for (const method of ['log', 'info', 'warn', 'error'] as const)
      vi.spyOn(console, method).mockImplementation((line: string) => void lines.push(line))
  })

  afterEach(() => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  })

  const means = () => ({ link: LINK, logger: new Logger(), metrics: new Metrics({ namespace: METRIC_NAMESPACE }) })
  const told = () => lines.flatMap(metricsIn)
  const logged = () => lines.map((line) => JSON.parse(line)).filter(({ _aws }) => _aws === undefined)

  it('is how many went out, and what was missed for good', () => {
    createBeatTeller(means())(REPORT)
    const { unit } = HEARTBEAT_METRICS.HeartbeatsSent
    expect(told()).toMatchObject([{ name: 'HeartbeatsSent', value: 59, unit, dimensions }])
    createBeatTeller(means())({ ...REPORT, skipped: 7 })
    expect(logged()).toMatchObject([
      { level: 'INFO', sent: 59, held: 1 },
      { level: 'WARN', skipped: 7 },
    ])
  })

  it('is how long each took, in one line, so that percentiles are of all of them', () => {
    const tell = createLatencyTeller(means())
    tell(Array.from({ length: 100 }, (_, at) => at))
    expect(told()).toMatchObject([{ name: 'HeartbeatLatencyMs', unit: 'Milliseconds', dimensions }])
    expect(told()[0]?.value).toHaveLength(100)
  })

  it('is nothing when none arrived', () => {
    createLatencyTeller(means())([])
    expect(lines).toEqual([])
  })
})
