import type {
  AccessReport,
  AccessStepReport,
  HeldRight,
  LeftOutRight,
} from '../shared/usecases/access/access-report.ts'
import { counted, leftOut, type PassMode, part, passReader, shortened, some, type Verbosity } from './pass-text.ts'
import { table } from './terminal.ts'

const CHANGES = { granted: 'grant', revoked: 'revoke', quotas: 'quota' } as const
const KINDS = ['granted', 'revoked', 'quotas'] as const
const LISTS = [
  ...KINDS,
  ...(['held', 'alreadyThere', 'leftOut', 'notCopyable', 'troubles', 'faulted'] as const),
] satisfies (keyof AccessReport)[]

interface Change extends AccessStepReport {
  readonly change: (typeof CHANGES)[keyof typeof CHANGES]
}

const changesOf = (report: AccessReport): readonly Change[] =>
  KINDS.flatMap((kind) => report[kind].map((step) => ({ ...step, change: CHANGES[kind] })))

const hasTrouble = (report: AccessReport): boolean =>
  report.faulted.length > 0 || changesOf(report).some(({ outcome }) => outcome === 'failed')

const describe = (mode: PassMode, report: AccessReport, verbosity: Verbosity): readonly string[] => {
  const { alreadyThere, troubles } = report
  return [
    heading(mode, report),
    ...part('', changesOf(report), (changes) => describeChanges(changes, verbosity)),
    ...part('pending until the target is promoted', report.held, (held) => describeHeld(held, verbosity)),
    ...part('already there, and not ours', alreadyThere, () =>
      shortened([['right'], ...alreadyThere.map((what) => [what])], 'right', verbosity),
    ),
    ...part('left out', report.leftOut, (rights) => leftOut('right', rights.map(named), verbosity)),
    ...part('cannot be copied', report.notCopyable, (rights) =>
      table([['what', 'because', 'detail'], ...rights.map(({ what, because, detail }) => [what, because, detail])]),
    ),
    ...part('to look at', troubles, () => troubles.join('\n')),
  ]
}

const named = ({ what, because, detail }: LeftOutRight) => ({ name: what, because, detail })

const heading = (mode: PassMode, report: AccessReport): string => {
  const { role, held, inStep, faulted } = report
  const changes = changesOf(report)
  const done = changes.filter(({ outcome }) => outcome === 'done').length
  const size = counted(changes.length, 'change')
  const work = mode === 'plan' ? `${size} to make, nothing was changed` : `${size}, ${done} done`
  return [
    changes.length === 0 ? 'nothing to do' : work,
    `${inStep} in step`,
    ...(held.length === 0 ? [] : [`${held.length} pending`]),
    `the target is ${role}`,
    ...(faulted.length === 0 ? [] : [`in trouble: ${some(faulted)}`]),
  ].join('; ')
}

/** The longest texts are in the last column, so that no other is pushed out of sight. */
const describeChanges = (changes: readonly Change[], verbosity: Verbosity): string => {
  const rows = changes.map(({ change, outcome, what, error }) => [
    change,
    outcome,
    error === undefined ? what : `${what}: ${error}`,
  ])
  return shortened([['change', 'outcome', 'right'], ...rows], 'change', verbosity)
}

const describeHeld = (held: readonly HeldRight[], verbosity: Verbosity): string => {
  const rows = held.map(({ what, meanwhile }) => [meanwhile.length === 0 ? '-' : meanwhile.join(', '), what])
  return shortened([['meanwhile', 'right'], ...rows], 'right', verbosity)
}

export const readAccessPass = passReader<AccessReport>(LISTS, hasTrouble, describe)
