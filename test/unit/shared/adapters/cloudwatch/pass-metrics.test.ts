import { describe, expect, it } from 'vitest'
import { createPassTeller } from '../../../../../shared/adapters/cloudwatch/pass-metrics.ts'
import { TOPIC_METRICS } from '../../../../../shared/domain/metrics.ts'
import type { PassReport, StepReport } from '../../../../../shared/usecases/topics/pass-report.ts'
import { emittedLines, OF_LINK } from '../../../../support/emitted-lines.ts'

const step = (topic: string, outcome: StepReport['outcome'], error?: string): StepReport => ({
  topic,
  kind: 'create',
  what: `create ${topic}`,
  outcome,
  ...(error !== undefined && { error }),
})

const quiet: PassReport = { steps: [], notes: [], leftOut: [], troubles: [], faulted: [] }

describe('what is told of a pass', () => {
  const emitted = emittedLines()

  const tell = (report: PassReport) => {
    createPassTeller(emitted.means())(report)
    return {
      metrics: emitted.measured(),
      logged: emitted.messages(),
      severities: emitted.logged().flatMap(({ severity }) => severity ?? []),
      text: emitted.lines.join('\n'),
    }
  }

  it('is, of a link in step, that nothing was missing and nothing stands, so that an alarm can clear', () => {
    const { metrics, logged } = tell(quiet)
    expect(metrics).toEqual([
      { name: 'TopicDrift', dimensions: OF_LINK, value: 0 },
      { name: 'MappingsOff', dimensions: OF_LINK, value: 0 },
      { name: 'FaultedTopics', dimensions: OF_LINK, value: 0 },
    ])
    expect(logged).toEqual(['INFO topics compared'])
  })

  it('is how much was missing, and which topics stand, under the link and under each of them', () => {
    const steps = [step('a', 'done'), step('b', 'failed', 'TOPIC_DENIED: creating b'), step('c', 'skipped')]
    const { metrics } = tell({ ...quiet, steps, faulted: ['b', 'd'] })
    expect(metrics).toEqual([
      { name: 'TopicDrift', dimensions: OF_LINK, value: 3 },
      { name: 'MappingsOff', dimensions: OF_LINK, value: 0 },
      { name: 'FaultedTopics', dimensions: OF_LINK, value: 2 },
      { name: 'FaultedTopics', dimensions: { ...OF_LINK, topic: 'b' }, value: 1 },
      { name: 'FaultedTopics', dimensions: { ...OF_LINK, topic: 'd' }, value: 1 },
    ])
  })

  it('is how many mappings were off and should not be, whether they could be enabled or not', () => {
    const enable = { kind: 'enable-mapping' } as const
    const steps = [{ ...step('a', 'done'), ...enable }, { ...step('b', 'failed'), ...enable }, step('c', 'done')]
    expect(tell({ ...quiet, steps }).metrics).toContainEqual({ name: 'MappingsOff', dimensions: OF_LINK, value: 2 })
  })

  it('is measured in the units that are declared, and nothing else is', () => {
    tell({ ...quiet, faulted: ['a'] })
    expect(emitted.units()).toEqual(new Map(Object.entries(TOPIC_METRICS).map(([name, { unit }]) => [name, unit])))
  })

  it('is a line for each step, an error for one that failed, with why', () => {
    const { logged, text } = tell({
      ...quiet,
      steps: [step('a', 'done'), step('b', 'failed', 'TOPIC_DENIED: creating b')],
    })
    expect(logged).toEqual(['INFO topic step', 'ERROR topic step failed', 'INFO topics compared'])
    expect(text).toContain('TOPIC_DENIED: creating b')
  })

  it('is a line for what somebody should look at, and none for what passes by itself', () => {
    const about = { because: 'renamed', about: 'a', detail: 'why' } as const
    const notes = (['fault', 'warning', 'pending'] as const).map((severity) => ({ ...about, severity }))
    const { logged, severities } = tell({ ...quiet, notes, troubles: ['SOURCE_UNREACHABLE: describing b'] })
    expect(severities).toEqual(['fault', 'warning'])
    expect(logged).toEqual(['WARN topic note', 'WARN topic note', 'WARN topic not described', 'INFO topics compared'])
  })
})
