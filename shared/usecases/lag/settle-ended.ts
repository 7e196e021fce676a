import { asReplicationError } from '../../domain/errors.ts'
import { type EndedLives, isWritten, lifeName, lostTail, replicatedTo } from '../../domain/lag/ended-life.ts'
import { partitionName } from '../../domain/record.ts'
import { inLanes } from '../lanes.ts'
import type { Deadline } from '../ports.ts'
import { withCheckpoint } from './ended-checkpoint.ts'
import { type LagDeps, startPart } from './lag-deps.ts'
import type { SourceLooks } from './source-looks.ts'

/** In one sample; the others have their turn once these are settled. */
const MOST_LIVES = 100
const LANES = 10
const WITHIN_MS = 3_000

/**
 * What ledger and map say of lives that are over and whose tails are missing: that the tail is written down, or how far the
 * life was replicated before its head began the next one. What cannot be read stays as it is.
 */
export const settleEnded = async (
  { ended, heads }: Pick<SourceLooks, 'ended' | 'heads'>,
  deadline: Deadline,
  deps: LagDeps,
): Promise<{ readonly ended: EndedLives; readonly troubles: readonly string[] }> => {
  const open = [...ended].filter(([, life]) => lostTail(life) !== undefined).slice(0, MOST_LIVES)
  if (open.length === 0) return { ended, troubles: [] }
  const settled = new Map(ended)
  const troubles = new Set<string>()
  const part = startPart(WITHIN_MS, deadline, deps)
  try {
    await inLanes(open, LANES, async ([name, life]) => {
      try {
        const isTold = isWritten(life, await deps.map.gaps(life, part))
        const head = heads.get(partitionName(life))
        settled.set(name, isTold ? replicatedTo(life, life.end) : await withCheckpoint(life, head, part, deps.map))
      } catch (error) {
        troubles.add(asReplicationError(error, `accounting for ${lifeName(life)}, which is over`).message)
      }
    })
  } finally {
    part.end()
  }
  return { ended: settled, troubles: [...troubles] }
}
