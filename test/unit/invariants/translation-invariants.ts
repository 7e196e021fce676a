import type { Position } from '../../../shared/domain/translation.ts'
import type { Invariant } from './invariants.ts'
import { failed, isSurvived, type Observed, type Translated } from './observed-world.ts'

type Mapped = Exclude<Position, { readonly kind: 'unmapped' }>

const said = (position: object): string =>
  JSON.stringify(position, (_name, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))

const isMapped = (translated: Translated): translated is Translated & { readonly position: Mapped } =>
  translated.position.kind !== 'unmapped' && translated.position.kind !== 'failed'

/** What `wrong` finds in each position that is one. */
const inEachPosition = (
  { positions }: Observed,
  wrong: (position: Mapped, committed: bigint) => string | undefined,
): string[] =>
  positions.filter(isMapped).flatMap(({ committed, position }) => {
    const because = wrong(position, committed)
    return because === undefined ? [] : [`committed ${committed} resumes at ${said(position)}: ${because}`]
  })

const skipsNothing = (observed: Observed): string[] =>
  inEachPosition(observed, ({ target }, committed) => {
    const skipped = observed.copies.find(([source, at]) => source >= committed && at < target)
    return skipped && `source offset ${skipped[0]} lies at ${skipped[1]}`
  })

const staysInWhatIsReplicated = (observed: Observed): string[] =>
  inEachPosition(observed, ({ target }) => (target > observed.end ? `replicated up to ${observed.end}` : undefined))

/** Where the map begins: with the first record that was handled, be it copied or come from the target. */
const beginning = ({ copies, world }: Observed): bigint => {
  const [first] = [...copies.map(([source]) => source), ...world.mapped.looped].toSorted((one, other) =>
    Number(one - other),
  )
  return first ?? 0n
}

const expectedKind = (observed: Observed, committed: bigint): object => {
  const nextSource = observed.world.head?.nextSource ?? 0n
  const first = beginning(observed)
  if (observed.copies.length === 0) return { kind: 'unmapped' }
  if (committed < first) return { kind: 'before-start', missing: first - committed }
  return committed > nextSource ? { kind: 'ahead', by: committed - nextSource } : { kind: 'exact' }
}

const guessesNothing = (observed: Observed): string[] =>
  observed.positions.flatMap(({ committed, position }) => {
    const { target: _, ...kind } = { target: 0n, ...position }
    const expected = said(expectedKind(observed, committed))
    return said(kind) === expected ? [] : [`committed ${committed} resumes at ${said(position)} and not ${expected}`]
  })

const isMonotone = (observed: Observed): string[] => {
  let furthest = 0n
  return inEachPosition(observed, ({ target }) => {
    if (target < furthest) return `a group behind it resumes at ${furthest}`
    furthest = target
    return undefined
  })
}

/** For one life of the topic: a map that grows leads nobody back. */
const neverMovesBack = ({ earlier, positions, world }: Observed): string[] => {
  const moments = [...earlier, { incarnation: world.mapped.incarnation, all: positions }]
  return moments.flatMap(({ incarnation, all }, at) => {
    const before = moments[at - 1]
    if (before === undefined || before.incarnation !== incarnation) return []
    return before.all.filter(isMapped).flatMap(({ committed, position }) => {
      const now = all[Number(committed)]?.position
      const stays = now !== undefined && 'target' in now && now.target >= position.target
      return stays ? [] : [`committed ${committed} resumed at ${said(position)}, and now ${said(now ?? {})}`]
    })
  })
}

/** At the very copy that the map has of the first record to read, behind whatever else lies before it. */
const readsExactlyTheRest = (observed: Observed): string[] =>
  inEachPosition(observed, ({ kind, target }, committed) => {
    if (kind !== 'exact') return undefined
    const [source, expected] = observed.copies.find(([at]) => at >= committed) ?? ['none', observed.end]
    return target === expected ? undefined : `the first record to read is ${source}, at ${expected}`
  })

/**
 * What a crash left there is appended again and the later copy is mapped: unless a zombie appends its copies after that, or
 * the records are no longer there to be appended again.
 */
const leavesCopiesBehind = (observed: Observed): string[] => {
  const { history, world } = observed
  if (!isSurvived(observed) || history.some((step) => step.kind === 'deliver' && step.accident.kind === 'asleep'))
    return []
  const { incarnation } = world.mapped
  const log = world.target.records('orders', 0).map((_, at) => world.copyAt(BigInt(at)))
  const last = new Map(log.map((copy, at) => [copy, BigInt(at)]))
  return inEachPosition(observed, ({ kind, target }, committed) => {
    if (kind !== 'exact') return undefined
    for (let source = 0n; source < committed; source++)
      if ((last.get(`${incarnation}-${source}`) ?? -1n) >= target)
        return `a copy of source offset ${source} is behind it`
    return undefined
  })
}

const comesBackBeforeTheStart = async (observed: Observed): Promise<string[]> => {
  const violations: string[] = []
  for (const { committed, position } of observed.positions.filter(isMapped)) {
    const back = await observed.world.translateBack(position.target).catch(failed)
    const where = `committed ${committed} resumes at ${said(position)} and back at ${said(back)}`
    const beforeAll = position.kind === 'before-start'
    if (back.kind === 'unmapped' || back.kind === 'failed') violations.push(where)
    else if (beforeAll ? back.kind !== 'before-start' || back.missing !== 0n : back.source > committed)
      violations.push(where)
  }
  return violations
}

/** To right after the last record that was read, so that nothing that was read comes again and nothing is missed. */
const comesBackExactly = async ({ world, copies, end }: Observed): Promise<string[]> => {
  const violations: string[] = []
  for (let at = 0n; at <= end + 1n; at++) {
    const back = await world.translateBack(at).catch(failed)
    const lastRead = copies.findLast(([, target]) => target < at)
    const found = 'source' in back && back.kind !== 'before-start' ? back.source - 1n : undefined
    if (found !== lastRead?.[0]) violations.push(`read up to ${at} on the target goes back to ${said(back)}`)
  }
  return violations
}

/** As soon as its batch is answered, whether anything comes after it or not. */
const knowsTheNewest = async ({ world }: Observed): Promise<string[]> => {
  const { mapped } = world
  const newest = Math.max(-1, ...[...mapped.answered].filter((offset) => mapped.slots[offset] === 'data'))
  if (newest === -1) return []
  const position = await world.translate(BigInt(newest)).catch(failed)
  const found = position.kind === 'exact' && world.copyAt(position.target) === `${mapped.incarnation}-${newest}`
  return found ? [] : [`source offset ${newest} was answered, and a group before it resumes at ${said(position)}`]
}

export const TRANSLATION_INVARIANTS: readonly Invariant[] = [
  { id: 'I1', sentence: 'skips no replicated record', violations: skipsNothing },
  { id: 'I2', sentence: 'never points past what is durably replicated', violations: staysInWhatIsReplicated },
  { id: 'I3', sentence: 'guesses nothing where there is no map', violations: guessesNothing },
  { id: 'I4', sentence: 'is monotone in what was committed', violations: isMonotone },
  { id: 'I5', sentence: 'moves no position back as it grows', violations: neverMovesBack },
  { id: 'I6', sentence: 'is exact: nothing is read twice, nothing missed', violations: readsExactlyTheRest },
  { id: 'I6b', sentence: 'leaves behind the copies that crashes made', violations: leavesCopiesBehind },
  { id: 'I12', sentence: 'leads there and back again to the start or before', violations: comesBackBeforeTheStart },
  { id: 'I12b', sentence: 'leads back to right after the last record that was read', violations: comesBackExactly },
  { id: 'I13', sentence: 'knows the newest record as soon as its batch is answered', violations: knowsTheNewest },
]
