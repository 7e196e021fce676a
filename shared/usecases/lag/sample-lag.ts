import { asReplicationError } from '../../domain/errors.ts'
import { isAtRest } from '../../domain/head.ts'
import { HEARTBEAT_TOPIC } from '../../domain/heartbeat/beat.ts'
import type { Accounts } from '../../domain/lag/accounts.ts'
import { goneWith } from '../../domain/lag/ended-life.ts'
import type { FailoverLoss } from '../../domain/lag/failover-loss.ts'
import { lagOf, type PartitionLag, together, topicLags, worstOf } from '../../domain/lag/lag-figures.ts'
import type { LagMemory } from '../../domain/lag/lag-memory.ts'
import type { LagReport } from '../../domain/lag/lag-report.ts'
import type { PartitionLook } from '../../domain/lag/partition-look.ts'
import { partitionName } from '../../domain/record.ts'
import type { Deadline } from '../ports.ts'
import { groupLosses } from './group-losses.ts'
import { type LagDeps, startPart } from './lag-deps.ts'
import { scanRests } from './scan-rests.ts'
import { settleEnded } from './settle-ended.ts'
import { lookAtSource, type SourceLooks } from './source-looks.ts'

/** What was found, and what is to be remembered of it. */
export interface LagSample {
  readonly report: LagReport
  readonly memory: LagMemory
}

export interface SampleOptions {
  /** Whether groups are looked at as well, which costs more than the rest. */
  readonly withGroups: boolean
}

const WORST = 5
const GROUPS_WITHIN_MS = 20_000
const CENSUS_WITHIN_MS = 15_000

/** One look at the link; writes nothing. What the source does not tell is as it was, but that records wait for longer. */
export const sampleLag = async (
  before: LagMemory | undefined,
  deadline: Deadline,
  deps: LagDeps,
  { withGroups }: SampleOptions,
): Promise<LagSample> => {
  const memory = before ?? { looks: new Map() }
  const past = memory.looks
  const seen = await lookAtSource(memory, deadline, deps)
  const settled = await settleEnded(seen, deadline, deps)
  const found = { ...seen, ended: settled.ended, troubles: [...seen.troubles, ...settled.troubles] }
  const looks = found.reachable ? await scanRests(found.looks, past, deadline, deps) : found.looks
  const atRest = isAtRest(found.status)
  const [loss, counted] = await Promise.all([
    withGroups && found.reachable && !atRest ? lossesOrWhyNot(looks, deadline, deps) : NOT_ASKED,
    withGroups ? accountsOrWhyNot(looks, found, deadline, deps) : NOT_ASKED,
  ])
  const failover = atRest ? undefined : (loss.failover ?? before?.failover)
  const accounts = counted.accounts ?? before?.accounts
  const unreachableSince = found.reachable ? undefined : (before?.sourceUnreachableSince ?? found.at)
  const known = {
    ...(unreachableSince !== undefined && { sourceUnreachableSince: unreachableSince }),
    ...(failover && { failover }),
    ...(accounts && { accounts }),
  }
  const troubles = [...found.troubles, ...loss.troubles, ...counted.troubles]
  const figures = figuresOf({ ...found, looks, troubles }, past)
  const rememberedAt = before === undefined ? {} : { rememberedAt: before.at }
  return {
    report: { link: deps.link.name, ...figures, ...known, ...rememberedAt },
    memory: { at: found.at, looks, ...pastOf(found), ...known },
  }
}

const pastOf = ({ topicsAt, ended }: SourceLooks): Pick<LagMemory, 'topicsAt' | 'ended'> => ({
  ...(topicsAt !== undefined && { topicsAt }),
  ...(ended.size > 0 && { ended }),
})

/** What costs more than the rest, and is looked for less often. */
interface FoundBeside {
  readonly failover?: FailoverLoss
  readonly accounts?: Accounts
  readonly troubles: readonly string[]
}

const NOT_ASKED: FoundBeside = { troubles: [] }

/** A group that cannot be asked keeps nobody from seeing the lag. */
const lossesOrWhyNot = async (
  looks: ReadonlyMap<string, PartitionLook>,
  deadline: Deadline,
  deps: LagDeps,
): Promise<FoundBeside> => {
  const { groups, link } = deps
  if (groups === undefined) return { troubles: [] }
  const ofGroups = startPart(GROUPS_WITHIN_MS, deadline, deps)
  try {
    return await groupLosses(looks, ofGroups, groups)
  } catch (error) {
    const doing = `finding out what a failover of ${link.name} would let its groups read again`
    return { troubles: [asReplicationError(error, doing).message] }
  } finally {
    ofGroups.end()
  }
}

/** Nor does a ledger that cannot be read. */
const accountsOrWhyNot = async (
  looks: ReadonlyMap<string, PartitionLook>,
  { heads, ended }: SourceLooks,
  deadline: Deadline,
  deps: LagDeps,
): Promise<FoundBeside> => {
  const over = Map.groupBy(ended.values(), partitionName)
  const named = new Map([...ended.values(), ...looks.values()].map((look) => [partitionName(look), look]))
  const partitions = [...named].map(([name, { topic, partition }]) => {
    const head = heads.get(name)
    const lives = over.get(name)?.map(({ incarnation, checkpoint }) => `${incarnation} ${checkpoint}`)
    return { topic, partition, ...(head && { head }), ...(lives && { ended: lives.join() }) }
  })
  const ofCensus = startPart(CENSUS_WITHIN_MS, deadline, deps)
  try {
    const accounts = await deps.census.take(partitions, ofCensus)
    return { ...(accounts && { accounts }), troubles: [] }
  } catch (error) {
    return { troubles: [asReplicationError(error, `counting the gaps of ${deps.link.name}`).message] }
  } finally {
    ofCensus.end()
  }
}

/** Of the partitions that records wait for; where nobody can tell when the checkpoint moved, since they came. */
const standstillOf = (lags: readonly PartitionLag[], { at, heads }: SourceLooks): number =>
  lags.reduce((longest, lag) => {
    const movedAt = heads.get(partitionName(lag))?.updatedAt ?? 0
    return lag.records === 0 ? longest : Math.max(longest, Math.min(lag.lagMs, at - movedAt))
  }, 0)

/**
 * Of a link at rest nobody waits for records or beats: all that is looked at is whether its source answers, and takes beats.
 * What had gone with topics before that stays gone until it is written down, which takes a source that answers.
 */
const figuresOf = (found: SourceLooks, past: ReadonlyMap<string, PartitionLook>): Omit<LagReport, 'link'> => {
  const { at, looks, unseen, unmeasured, troubles, status, beaten } = found
  const lags = [...looks.values()].map(
    (look): PartitionLag => lagOf(look, past.get(partitionName(look)), look.retentionMs, at),
  )
  const atRest = isAtRest(status)
  const due = [...(atRest ? [] : lags), ...goneWith(found.ended, at)]
  const beatAt = atRest ? beaten?.at : found.beatAt
  const others = due.filter(({ topic }) => topic !== HEARTBEAT_TOPIC) // one of them is always on its way
  const silent = lags.filter((lag) => unseen.has(partitionName(lag)))
  return {
    at,
    mode: status.mode,
    lag: together(others),
    topics: topicLags(due),
    worst: worstOf(others, WORST),
    partitions: new Set([...looks.keys(), ...unseen]).size,
    unseen: unseen.size,
    unmeasured,
    standstillMs: standstillOf(due, found),
    ...(silent.length > 0 && { unseenSince: Math.min(...silent.map(({ seenAt }) => seenAt)) }),
    ...(beatAt !== undefined && { heartbeatAgeMs: Math.max(0, at - beatAt) }),
    ...(beaten && { beatenAgoMs: Math.max(0, at - beaten.at) }),
    troubles,
  }
}
