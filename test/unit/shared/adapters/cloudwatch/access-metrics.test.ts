import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAccessTeller } from '../../../../../shared/adapters/cloudwatch/access-metrics.ts'
import { ACCESS_METRICS, METRIC_NAMESPACE } from '../../../../../shared/domain/metrics.ts'
import type { AccessReport, AccessStepReport } from '../../../../../shared/usecases/access/access-report.ts'
import { metricsIn } from '../../../../support/emitted-metrics.ts'

const OF_LINK = { installation: 'mine', link: 'west-east' }

const step = (outcome: AccessStepReport['outcome']): AccessStepReport => ({
  what: 'a right',
  principal: 'User:app',
  outcome,
})

const quiet: AccessReport = {
  role: 'standby',
  granted: [],
  revoked: [],
  quotas: [],
  held: [],
  alreadyThere: [],
  inStep: 3,
  leftOut: [],
  notCopyable: [],
  troubles: [],
  faulted: [],
}

describe('what is told of a pass over rights', () => {
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

  const tell = (report: AccessReport) => {
    const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: 'twinshore' })
    createAccessTeller({ link: { installation: 'mine', name: 'west-east' }, logger: new Logger(), metrics })(report)
    const logged = lines.map((line) => JSON.parse(line)).filter(({ _aws }) => _aws === undefined)
    return { metrics: lines.flatMap(metricsIn), logged: logged.map(({ level, message }) => `${level} ${message}`) }
  }

  const measured = (metrics: ReturnType<typeof tell>['metrics']) =>
    metrics.map(({ name, dimensions, value }) => ({ name, dimensions, value }))

  it('is, of a link in step, that nothing is missing and nobody is faulted, so that an alarm can clear', () => {
    const { metrics, logged } = tell(quiet)
    expect(measured(metrics)).toEqual([
      { name: 'AclDrift', dimensions: OF_LINK, value: 0 },
      { name: 'AccessFaulted', dimensions: OF_LINK, value: 0 },
    ])
    expect(metrics.map(({ name, unit }) => [name, unit])).toEqual(
      Object.entries(ACCESS_METRICS).map(([name, { unit }]) => [name, unit]),
    )
    expect(logged).toEqual(['INFO access compared'])
  })

  it('is what is still missing, who is faulted, and every right that was changed or could not be', () => {
    const { metrics, logged } = tell({
      ...quiet,
      granted: [step('done'), step('failed')],
      revoked: [step('skipped')],
      quotas: [step('done')],
      notCopyable: [{ what: 'east', because: 'iam', detail: 'policies' }],
      troubles: ['the source shows nothing'],
      faulted: ['User:app', 'the source'],
    })
    expect(measured(metrics).map(({ value }) => value)).toEqual([2, 2])
    expect(logged).toEqual([
      'INFO access step',
      'ERROR access step failed',
      'ERROR access step failed',
      'INFO access step',
      'WARN access in doubt',
      'INFO access not copyable',
      'INFO access compared',
    ])
  })
})
