import { describe, expect, it } from 'vitest'
import { createAccessTeller } from '../../../../../shared/adapters/cloudwatch/access-metrics.ts'
import { ACCESS_METRICS } from '../../../../../shared/domain/metrics.ts'
import type { AccessReport, AccessStepReport } from '../../../../../shared/usecases/access/access-report.ts'
import { emittedLines, OF_LINK } from '../../../../support/emitted-lines.ts'

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
  const emitted = emittedLines()

  const tell = (report: AccessReport) => {
    createAccessTeller(emitted.means())(report)
    return { metrics: emitted.measured(), units: emitted.units(), logged: emitted.messages() }
  }

  it('is, of a link in step, that nothing is missing and nobody is faulted, so that an alarm can clear', () => {
    const { metrics, units, logged } = tell(quiet)
    expect(metrics).toEqual([
      { name: 'AclDrift', dimensions: OF_LINK, value: 0 },
      { name: 'AccessFaulted', dimensions: OF_LINK, value: 0 },
    ])
    expect(units).toEqual(new Map(Object.entries(ACCESS_METRICS).map(([name, { unit }]) => [name, unit])))
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
    expect(metrics.map(({ value }) => value)).toEqual([2, 2])
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
