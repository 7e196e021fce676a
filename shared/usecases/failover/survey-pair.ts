import { ReplicationError } from '../../domain/errors.ts'
import type { FailoverMode } from '../../domain/failover/failover-input.ts'
import { kindOf, type PreflightKind } from '../../domain/failover/preflight-check.ts'
import type { PendingFacts, PreflightFacts, RoleFacts, Told } from '../../domain/failover/preflight-facts.ts'
import type { Deadline } from '../ports.ts'
import { replicasByTopic } from './seen-cluster.ts'
import { type SurveyDeps, surveyClusters } from './survey-clusters.ts'
import { told } from './told.ts'

interface Patience {
  readonly clusterMs: number
  readonly statusMs: number
  readonly passMs: number
}

/** A cluster that is gone never answers: nobody waits long for what only it could tell, while everybody waits for us. */
const PATIENCE: Readonly<Record<PreflightKind, Patience>> = {
  planned: { clusterMs: 15_000, statusMs: 70_000, passMs: 70_000 },
  unplanned: { clusterMs: 8_000, statusMs: 25_000, passMs: 10_000 },
}

/**
 * Gathers what a preflight is made of; changes nothing. What cannot be found out is untold, and hinders nothing else.
 * Throws only when the table of the forward link cannot be read, without which nobody knows what is replicated.
 */
export const surveyPair = async (mode: FailoverMode, deadline: Deadline, deps: SurveyDeps): Promise<PreflightFacts> => {
  const { functions, order, forward } = deps
  const topics = await replicasByTopic(order.forward.order.link, forward.topics, deadline)
  const { clusterMs, statusMs, passMs } = PATIENCE[kindOf(mode)]
  const quick = deps.within(clusterMs, deadline)
  const soon = deps.within(passMs, deadline)
  const slow = deps.within(statusMs, deadline)
  const pass = <T>(what: string, ask: Promise<T | undefined>) => followed(`planning a pass over the ${what}`, ask)
  try {
    const [clusters, lag, ofTopics, groups, access, racks, disks, roles, pending] = await Promise.all([
      surveyClusters(topics, clusterMs, deadline, deps),
      told('measuring the lag', functions.status(slow)),
      pass('topics', functions.topics('plan', soon)),
      pass('groups', functions.groups('plan', soon)),
      pass('rights', functions.access('plan', soon)),
      told('looking at the racks', functions.racks('target', slow)),
      told('looking at the disks', deps.to.disks.describe(quick)),
      told('reading the roles', rolesOf(quick, deps)),
      told('reading what is pending', pendingOf(mode, quick, deps)),
    ])
    return { now: deps.clock.now(), ...clusters, lag, topics: ofTopics, groups, access, racks, disks, roles, pending }
  } finally {
    for (const part of [quick, soon, slow]) part.end()
  }
}

/** `undefined`: the link does not keep that in step. */
const followed = async <T>(doing: string, asking: Promise<T | undefined>): Promise<Told<T> | undefined> => {
  const answer = await told(doing, asking)
  if (answer.kind === 'untold') return answer
  return answer.value === undefined ? undefined : { kind: 'told', value: answer.value }
}

const rolesOf = async (deadline: Deadline, { forward, reverse }: SurveyDeps): Promise<RoleFacts> => {
  const reading = reverse && told('reading the role of the source', reverse.pair.read(deadline))
  const { status } = await forward.pair.read(deadline)
  const other = await reading
  if (other === undefined) return { forward: status }
  return { forward: status, reverse: other.kind === 'told' ? { kind: 'told', value: other.value.status } : other }
}

/**
 * Of either direction. What the region that is gone was to do for the other one cannot be asked in an unplanned failover;
 * a target that was given up before it would not have the role of a standby.
 */
const pendingOf = async (
  mode: FailoverMode,
  deadline: Deadline,
  { forward, reverse }: SurveyDeps,
): Promise<PendingFacts | undefined> => {
  const asking = reverse && told('reading what is pending in the other region', reverse.pending.pending(deadline))
  const ours = await forward.pending.pending(deadline)
  const theirs = await asking
  if (ours !== undefined) return ours
  if (theirs?.kind === 'told') return theirs.value
  if (theirs === undefined || mode === 'unplanned') return undefined
  throw new ReplicationError('STATE_UNREACHABLE', `looking for what is pending: ${theirs.because}`)
}
