import { isReplicated, type Run, sourceEnd, targetEnd } from '../../../shared/domain/run.ts'
import { PartitionPoller } from '../../support/partition-poller.ts'
import type { PartitionWorld } from '../../support/partition-world.ts'
import type { Invariant } from './invariants.ts'
import { type Found, failed, isSurvived, type Observed } from './observed-world.ts'

const offsetsOf = ({ length }: Run): bigint[] => Array.from({ length: Number(length) }, (_, at) => BigInt(at))

const isInOrder = ({ world: { runs } }: Observed): string[] =>
  runs.flatMap((run, at) => {
    const before = runs[at - 1]
    if (before === undefined || (run.source >= sourceEnd(before) && run.target >= targetEnd(before))) return []
    return [`the run at source ${run.source}, target ${run.target} begins before its predecessor ends`]
  })

/** Every replicated record once, at the copy that was acknowledged; every looped one once; and nothing else. */
const mapsWhatIsThere = ({ world, copies }: Observed): string[] => {
  const { runs, mapped } = world
  const found = runs
    .filter(isReplicated)
    .flatMap((run) =>
      offsetsOf(run).map((at) => `${run.source + at} at ${run.target + at}: ${world.copyAt(run.target + at)}`),
    )
  const expected = copies.map(([source, target]) => `${source} at ${target}: ${mapped.incarnation}-${source}`)
  const loopedFound = runs
    .filter((run) => !isReplicated(run))
    .flatMap((run) => offsetsOf(run).map((at) => run.source + at))
  const loopedExpected = [...mapped.looped].toSorted((one, other) => Number(one - other))
  return [
    ...differences(found, expected).map((record) => `only in the map, or only in the log: ${record}`),
    ...differences(loopedFound.map(String), loopedExpected.map(String)).map((offset) => `looped or not: ${offset}`),
  ]
}

/** What is in one of them alone, and what is found more than once. */
const differences = (found: readonly string[], expected: readonly string[]): string[] => {
  const [has, wants] = [new Set(found), new Set(expected)]
  const twice = found.length - has.size
  return [
    ...found.filter((one) => !wants.has(one)),
    ...expected.filter((one) => !has.has(one)),
    ...(twice > 0 ? [`${twice} times something that is there already`] : []),
  ]
}

/** The record that a group reads first there; `undefined`: it waits at the end. */
const firstRead = (world: PartitionWorld, position: Found): bigint | undefined => {
  if (position.kind === 'unmapped' || position.kind === 'failed') return undefined
  const behind = [...world.mapped.copies].filter(([, target]) => target >= position.target)
  return behind.reduce<bigint | undefined>(
    (first, [source]) => (first === undefined || source < first ? source : first),
    undefined,
  )
}

/** Played again, then to its end, beside a partition that has the same records and that nothing befalls. */
const survivesCrashes = async (observed: Observed): Promise<string[]> => {
  if (!isSurvived(observed)) return []
  const crashed = await PartitionPoller.after(observed.history)
  const produced = observed.history.filter(({ kind }) => kind === 'produce')
  const clean = await PartitionPoller.after(produced)
  if (!(await crashed.drain()) || !(await clean.drain())) return ['what is delivered again and again is never done']
  const violations: string[] = []
  for (let committed = 0n; committed <= clean.world.life.ended; committed++) {
    const [after, without] = [
      await crashed.world.translate(committed).catch(failed),
      await clean.world.translate(committed),
    ]
    const [first, expected] = [firstRead(crashed.world, after), firstRead(clean.world, without)]
    if (after.kind === without.kind && first === expected) continue
    violations.push(
      `committed ${committed} reads ${first} first (${after.kind}), and not ${expected} (${without.kind})`,
    )
  }
  return violations
}

const staysInItsLife = async ({ world, positions, end }: Observed): Promise<string[]> => {
  const violations: string[] = []
  for (const { incarnation, ended } of world.lives.filter((life) => life !== world.mapped))
    for (let committed = 0n; committed < ended; committed++)
      if ((await world.translate(committed, incarnation).catch(failed)).kind !== 'unmapped')
        violations.push(`${committed} of ${incarnation} is translated by the map of ${world.mapped.incarnation}`)
  for (const { committed, position } of positions) {
    if (!('target' in position) || position.target >= end) continue
    const copy = world.copyAt(position.target)
    if (!copy.startsWith(`${world.mapped.incarnation}-`)) violations.push(`committed ${committed} resumes at ${copy}`)
  }
  return violations
}

export const MAP_INVARIANTS: readonly Invariant[] = [
  { id: 'I7', sentence: 'holds runs that are disjoint and ordered on both sides', violations: isInOrder },
  {
    id: 'I7b',
    sentence: 'holds every replicated and every looped record once, where it is',
    violations: mapsWhatIsThere,
  },
  { id: 'I8', sentence: 'translates after crashes as if there had been none', violations: survivesCrashes },
  { id: 'I9', sentence: 'lets nothing cross into another life of the topic', violations: staysInItsLife },
]
