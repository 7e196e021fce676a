import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import { afterEach, beforeEach, vi } from 'vitest'
import { METRIC_NAMESPACE } from '../../shared/domain/metrics.ts'
import { type EmittedMetric, metricsIn } from './emitted-metrics.ts'

/** Whose functions tell something here. */
export const TOLD_LINK = { installation: 'mine', name: 'west-east' }
/** The dimensions of what is measured of it. */
export const OF_LINK = { installation: 'mine', link: 'west-east' }

/** What the tests of the `describe` around it write to their log, as CloudWatch gets it from Lambda; anew for each test. */
export const emittedLines = () => {
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

  const metrics = (): EmittedMetric[] => lines.flatMap(metricsIn)
  const logged = () => lines.map((line) => JSON.parse(line)).filter(({ _aws }) => _aws === undefined)
  return {
    lines,
    metrics,
    /** Without namespace and unit. */
    measured: () => metrics().map(({ name, dimensions, value }) => ({ name, dimensions, value })),
    units: () => new Map(metrics().map(({ name, unit }) => [name, unit])),
    logged,
    messages: (): string[] => logged().map(({ level, message }) => `${level} ${message}`),
    /** What a teller tells by. */
    means: () => ({
      link: TOLD_LINK,
      logger: new Logger(),
      metrics: new Metrics({ namespace: METRIC_NAMESPACE, serviceName: 'twinshore' }),
    }),
  }
}
