import type { Gap } from '../../../shared/domain/head.ts'
import type { Position } from '../../../shared/domain/translation.ts'
import type { History, HistoryStep } from '../../support/partition-history.ts'
import { PartitionPoller } from '../../support/partition-poller.ts'
import type { PartitionWorld } from '../../support/partition-world.ts'

const PAST_THE_END = 3
/** How often, beside the end, positions are taken while a history goes on. */
const EARLIER = 3

/** A translation that threw is no position: the map cannot be read there. */
export type Found = Position | { readonly kind: 'failed'; readonly because: string }

export interface Translated {
  readonly committed: bigint
  readonly position: Found
}

/** The positions of the map at one moment, for every offset that a group may have committed. */
export interface Positions {
  readonly incarnation: string
  readonly all: readonly Translated[]
}

/** What came of a history, in the life that the map is of. */
export interface Observed {
  readonly history: History
  readonly world: PartitionWorld
  readonly positions: readonly Translated[]
  readonly earlier: readonly Positions[]
  readonly gaps: readonly Gap[]
  /** Source and target offset of every record that was acknowledged and written down, in the order of the source. */
  readonly copies: readonly (readonly [source: bigint, target: bigint])[]
  /** Where the last of them ends on the target. */
  readonly end: bigint
}

export const failed = (error: unknown): { readonly kind: 'failed'; readonly because: string } => ({
  kind: 'failed',
  because: String(error),
})

const positionsOf = async (world: PartitionWorld): Promise<Positions> => {
  const { incarnation, ended } = world.mapped
  const all: Translated[] = []
  for (let committed = 0n; committed < ended + PAST_THE_END; committed++)
    all.push({ committed, position: await world.translate(committed).catch(failed) })
  return { incarnation, all }
}

/** Plays a history and looks at what came of it. */
export const observe = async (history: History): Promise<Observed> => {
  const poller = new PartitionPoller()
  const { world } = poller
  const earlier: Positions[] = []
  const every = Math.ceil(history.length / (EARLIER + 1))
  for (const [at, step] of history.entries()) {
    await poller.play(step)
    if ((at + 1) % every === 0) earlier.push(await positionsOf(world))
  }
  const { all: positions } = await positionsOf(world)
  const copies = [...world.mapped.copies].toSorted(([one], [other]) => Number(one - other))
  const end = copies.reduce((last, [, target]) => (target >= last ? target + 1n : last), 0n)
  return { history, world, positions, earlier, gaps: await world.gaps(), copies, end }
}

const GENTLE: ReadonlySet<HistoryStep['kind']> = new Set(['produce', 'deliver', 'wake', 'foreign', 'seek'])

/** Whether nothing but crashes, zombies and redeliveries befell the partition, which all its records survive. */
export const isSurvived = ({ history }: Observed): boolean =>
  history.every((step) => GENTLE.has(step.kind) && (step.kind !== 'seek' || step.by < 0))
