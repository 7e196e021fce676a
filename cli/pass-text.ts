import type { PlanNote } from '../shared/domain/topics/plan-note.ts'
import type { LeftOutTopic } from '../shared/domain/topics/topic-plan.ts'
import type { PassReport, StepReport } from '../shared/usecases/pass-report.ts'
import { table } from './terminal.ts'

export type PassMode = 'plan' | 'apply'

/** Whether somebody has to act: something was not done, or will not be done by any later pass. */
export const hasTrouble = ({ steps, faulted }: PassReport): boolean =>
  faulted.length > 0 || steps.some(({ outcome }) => outcome === 'failed')

/** A report for people. What is left out is shortened unless `verbose`. */
export const describePass = (
  link: string,
  mode: PassMode,
  report: PassReport,
  { verbose }: { readonly verbose: boolean },
): string =>
  [
    `${link}: ${heading(mode, report)}`,
    ...part('', report.steps, describeSteps),
    ...part('', report.notes, describeNotes),
    ...part('left out', report.leftOut, verbose ? describeEach : describeGroups),
    ...part('could not be found out', report.troubles, (troubles) => troubles.join('\n')),
  ].join('\n\n')

const part = <T>(title: string, items: readonly T[], describe: (items: readonly T[]) => string): readonly string[] =>
  items.length === 0 ? [] : [`${title === '' ? '' : `${title}\n`}${describe(items)}`]

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

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

const describeEach = (topics: readonly LeftOutTopic[]): string =>
  table([['topic', 'because', 'detail'], ...topics.map(({ topic, because, detail }) => [topic, because, detail])])

const NAMES_SHOWN = 3
const GROUPS_SHOWN = 10

/** The first names, and how many there are besides. */
const some = (names: readonly string[]): string => {
  const shown = names.slice(0, NAMES_SHOWN).join(', ')
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown
}

/** Topics of the same reason together. A reason may name its topic, so that the groups are shortened as well. */
const describeGroups = (topics: readonly LeftOutTopic[]): string => {
  const groups = [...Map.groupBy(topics, ({ because, detail }) => `${because}: ${detail}`).values()]
  const rows = groups.slice(0, GROUPS_SHOWN).flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [[first.because, some(group.map(({ topic }) => topic)), first.detail]]
  })
  const hidden = groups.slice(GROUPS_SHOWN).flat().length
  const rest = hidden === 0 ? '' : `\nand ${counted(hidden, 'topic')} more; --verbose names all of them`
  return `${table([['because', 'topics', 'detail'], ...rows])}${rest}`
}
