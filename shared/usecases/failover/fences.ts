import { ReplicationError } from '../../domain/errors.ts'
import type { FenceCause } from '../../domain/failover/fence-cause.ts'
import { HEARTBEAT_TOPIC } from '../../domain/heartbeat/beat.ts'
import type { PartitionId } from '../../domain/record.ts'
import type { Deadline } from '../ports.ts'
import { endsStandStill, type StandStillDeps } from './ends-stand-still.ts'
import type { ClientSwitch, Fence, FenceAnswer } from './fence-ports.ts'
import { type FenceReport, fenceReport } from './fence-report.ts'

export interface FencesDeps {
  /** Of the cluster that is failed over from. */
  readonly fences: readonly Fence[]
}

/** All of them, one after the other: one that cannot be made stops no other. */
export const applyFences = (cause: FenceCause, deadline: Deadline, { fences }: FencesDeps): Promise<FenceReport> =>
  withEach(fences, (fence) => fence.apply(cause, deadline))

export const liftFences = (cause: FenceCause, deadline: Deadline, { fences }: FencesDeps): Promise<FenceReport> =>
  withEach(fences, (fence) => fence.lift(cause, deadline))

export interface ProofDeps extends FencesDeps, StandStillDeps {
  /** Of all topics that the link replicates. */
  readonly partitions: (deadline: Deadline) => Promise<readonly PartitionId[]>
}

/** Every fence says that it holds, and nothing is written while somebody looks: of our own beats it is known that they are. */
export const proveFences = async (cause: FenceCause, deadline: Deadline, deps: ProofDeps): Promise<FenceReport> => {
  const partitions = (await deps.partitions(deadline)).filter(({ topic }) => topic !== HEARTBEAT_TOPIC)
  const topics = [...new Set(partitions.map(({ topic }) => topic))]
  const proof = await withEach(deps.fences, (fence) => fence.prove(cause, topics, deadline))
  if (proof.outcome !== 'done') return proof
  const still = await endsStandStill(partitions, deadline, deps)
  if (still.outcome !== 'done') return { ...fenceReport([still]), weaker: proof.weaker }
  return { ...proof, message: `${proof.message}; ${still.message}` }
}

export interface SwitchDeps {
  /** In the region of the cluster that is active from now on. */
  readonly here: readonly ClientSwitch[]
  /** In the region of the other one, which may be gone. */
  readonly there: readonly ClientSwitch[]
}

/** Also made again when only some of them were: a switch that was made is not made twice. */
export const switchClients = async (cause: FenceCause, deadline: Deadline, deps: SwitchDeps): Promise<FenceReport> => {
  const here = await withEach(deps.here, (one) => one.point(cause, deadline))
  if (here.outcome !== 'done') return here
  const unheard: string[] = []
  for (const one of deps.there) if (!(await isPointed(one, cause, deadline))) unheard.push(one.name)
  return { ...here, unheard }
}

/** What is not told now is told at the first contact. */
const isPointed = async (one: ClientSwitch, cause: FenceCause, deadline: Deadline): Promise<boolean> => {
  try {
    return (await one.point(cause, deadline)).outcome === 'done'
  } catch (error) {
    if (error instanceof ReplicationError && error.transient) return false
    throw error
  }
}

/** The first error is thrown once all of them were tried. */
const withEach = async <Item>(
  items: readonly Item[],
  ask: (item: Item) => Promise<FenceAnswer>,
): Promise<FenceReport> => {
  const answers: FenceAnswer[] = []
  const errors: unknown[] = []
  for (const item of items) {
    try {
      answers.push(await ask(item))
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
  return fenceReport(answers)
}
