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

/** Switches the mappings and waits until they rest as they should; those for which nothing is wanted are left alone. */
export const settleMappings = async (wanted: Wanted, deadline: Deadline, deps: SettleDeps): Promise<Settled> => {
  const askedAt = new Map<string, number>()
  for (;;) {
    const concerned = (await deps.mappings.list(deadline)).filter(
      (mapping) => wanted(mapping) !== undefined && mapping.state !== 'Deleting',
    )
    const settled = concerned.filter((mapping) => mapping.state === wanted(mapping))
    const waiting = concerned.filter((mapping) => mapping.state !== wanted(mapping))
    deps.progress({ settled, waiting })
    if (waiting.length === 0) return { settled, waiting }
    await Promise.all(waiting.map((mapping) => turn(mapping, wanted(mapping) === 'Enabled', askedAt, deadline, deps)))
    if (!(await deps.rest(LOOK_EVERY_MS, deadline))) return { settled, waiting }
  }
}

/** What is on its way from one state to another is left alone until it rests. */
const turn = async (
  { id, state }: LinkMapping,
  enabled: boolean,
  askedAt: Map<string, number>,
  deadline: Deadline,
  { mappings, clock }: SettleDeps,
): Promise<void> => {
  if (state !== 'Enabled' && state !== 'Disabled') return
  const now = clock.now()
  if (now - (askedAt.get(id) ?? Number.NEGATIVE_INFINITY) < ASK_AGAIN_MS) return
  askedAt.set(id, now)
  await mappings.enable(id, enabled, deadline)
}
