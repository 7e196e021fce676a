import { allAsOne, asReplicationError, ReplicationError } from '../../domain/errors.ts'
import type { LinkMapping } from '../../domain/topics/mapping-plan.ts'
import type { Clock, Deadline } from '../ports.ts'
import type { MappingSwitch } from './topic-ports.ts'

export interface SettleDeps {
  readonly mappings: MappingSwitch
  readonly clock: Clock
  /** Resolves to whether the time has passed before the deadline. */
  readonly rest: (ms: number, deadline: Deadline) => Promise<boolean>
  /** Told of every look at the mappings. */
  readonly progress: (settled: Settled) => void
}

/** The mappings that are what they should be, and those that are not yet. */
export interface Settled {
  readonly settled: readonly LinkMapping[]
  readonly waiting: readonly LinkMapping[]
}

/** Disabling takes Lambda up to 90 s, creating takes minutes. */
const LOOK_EVERY_MS = 2_000
/** A list may lag behind; a mapping that rests where it should not for longer was switched back by somebody. */
const ASK_AGAIN_MS = 15_000

type Wanted = (mapping: LinkMapping) => 'Enabled' | 'Disabled' | undefined

/**
 * Switches the mappings and waits until they rest as they should; those for which nothing is wanted are left alone. Lambda
 * takes few requests a second: what the deadline leaves no turn to is `waiting`, like what was asked and does not rest yet.
 */
export const settleMappings = async (wanted: Wanted, deadline: Deadline, deps: SettleDeps): Promise<Settled> => {
  const askedAt = new Map<string, number>()
  let known = await look(wanted, deadline, deps)
  while (known.waiting.length > 0) {
    await turnAll(known.waiting, wanted, askedAt, deadline, deps)
    if (!(await deps.rest(LOOK_EVERY_MS, deadline))) break
    const seen = await unlessLate(look(wanted, deadline, deps))
    if (seen === undefined) break
    known = seen
  }
  return known
}

/** Asks each mapping once to become what is wanted, and waits for none of them. */
export const switchMappings = async (
  wanted: Wanted,
  deadline: Deadline,
  deps: Omit<SettleDeps, 'progress' | 'rest'>,
): Promise<void> => {
  const { waiting } = await look(wanted, deadline, { ...deps, progress: () => undefined })
  await turnAll(waiting, wanted, new Map(), deadline, deps)
}

const look = async (
  wanted: Wanted,
  deadline: Deadline,
  { mappings, progress }: Pick<SettleDeps, 'mappings' | 'progress'>,
): Promise<Settled> => {
  const concerned = (await mappings.list(deadline)).filter(
    (mapping) => wanted(mapping) !== undefined && mapping.state !== 'Deleting',
  )
  const found = {
    settled: concerned.filter((mapping) => mapping.state === wanted(mapping)),
    waiting: concerned.filter((mapping) => mapping.state !== wanted(mapping)),
  }
  progress(found)
  return found
}

/** `undefined`: it did not come to its turn before the deadline. */
const unlessLate = async <Answer>(asking: Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await asking
  } catch (error) {
    if (error instanceof ReplicationError && error.code === 'DEADLINE_PASSED') return undefined
    throw error
  }
}

type TurnDeps = Pick<SettleDeps, 'mappings' | 'clock'>

/** All of them come to their end before what is wrong with some is thrown. */
const turnAll = async (
  waiting: readonly LinkMapping[],
  wanted: Wanted,
  askedAt: Map<string, number>,
  deadline: Deadline,
  deps: TurnDeps,
): Promise<void> => {
  const failures: ReplicationError[] = []
  const turnOne = async (mapping: LinkMapping): Promise<void> => {
    try {
      await unlessLate(turn(mapping, wanted(mapping) === 'Enabled', askedAt, deadline, deps))
    } catch (error) {
      failures.push(asReplicationError(error, `switching the mapping ${mapping.id} of ${mapping.topic}`))
    }
  }
  await Promise.all(waiting.map(turnOne))
  const failure = allAsOne(failures, `switching ${waiting.length} mappings`)
  if (failure !== undefined) throw failure
}

/** What is on its way from one state to another is left alone until it rests. */
const turn = async (
  { id, state }: LinkMapping,
  enabled: boolean,
  askedAt: Map<string, number>,
  deadline: Deadline,
  { mappings, clock }: TurnDeps,
): Promise<void> => {
  if (state !== 'Enabled' && state !== 'Disabled') return
  const now = clock.now()
  if (now - (askedAt.get(id) ?? Number.NEGATIVE_INFINITY) < ASK_AGAIN_MS) return
  askedAt.set(id, now)
  await mappings.enable(id, enabled, deadline)
}
