import type { PlanNote } from '../shared/domain/topics/plan-note.ts'
import type { PassReport, StepReport } from '../shared/usecases/topics/pass-report.ts'
import { counted, leftOut, type PassMode, part, passReader, some, type Verbosity } from './pass-text.ts'
import { table } from './terminal.ts'

const LISTS = ['steps', 'notes', 'leftOut', 'troubles', 'faulted'] as const satisfies (keyof PassReport)[]

const hasTrouble = ({ steps, faulted }: PassReport): boolean =>
  faulted.length > 0 || steps.some(({ outcome }) => outcome === 'failed')

const describe = (mode: PassMode, report: PassReport, verbosity: Verbosity): readonly string[] => [
  heading(mode, report),
  ...part('', report.steps, describeSteps),
  ...part('', report.notes, describeNotes),
  ...part('left out', report.leftOut, (topics) =>
    leftOut(
      'topic',
      topics.map(({ topic, because, detail }) => ({ name: topic, because, detail })),
      verbosity,
    ),
  ),
  ...part('could not be found out', report.troubles, (troubles) => troubles.join('\n')),
]

const heading = (mode: PassMode, { steps, faulted }: PassReport): string => {
  const standing = faulted.length === 0 ? '' : `; ${counted(faulted.length, 'topic')} in trouble: ${some(faulted)}`
  if (steps.length === 0) return `nothing to do${standing}`
  const topics = new Set(steps.map(({ topic }) => topic)).size
  const done = steps.filter(({ outcome }) => outcome === 'done').length
  const size = `${counted(steps.length, 'step')} for ${counted(topics, 'topic')}`
  return mode === 'plan' ? `${size} to do, nothing was changed${standing}` : `${size}, ${done} done${standing}`
}

const stepAndError = ({ what, error }: StepReport): string => (error === undefined ? what : `${what}: ${error}`)

/** The longest texts are in the last column, so that no other is pushed out of sight. */
const describeSteps = (steps: readonly StepReport[]): string =>
  table([['topic', 'outcome', 'step'], ...steps.map((step) => [step.topic, step.outcome, stepAndError(step)])])

const SEVERITIES: readonly PlanNote['severity'][] = ['fault', 'warning', 'pending']

const describeNotes = (notes: readonly PlanNote[]): string => {
  const worstFirst = SEVERITIES.flatMap((severity) => notes.filter((note) => note.severity === severity))
  const rows = worstFirst.map(({ severity, about, because, detail }) => [severity, about, because, detail])
  return table([['severity', 'about', 'because', 'detail'], ...rows])
}

export const readTopicPass = passReader<PassReport>(LISTS, hasTrouble, describe)
