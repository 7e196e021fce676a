import { ReplicationError } from '../../domain/errors.ts'
import type { LinkStatus } from '../../domain/head.ts'
import { partitionName } from '../../domain/record.ts'
import type { LinkMapping } from '../../domain/topics/mapping-plan.ts'
import type { TopicRecord } from '../../domain/topics/topic-record.ts'
import type { Deadline, LinkControl, LinkState } from '../ports.ts'
import { type SettleDeps, type Settled, settleMappings } from './settle-mappings.ts'
import type { TopicLedger } from './topic-ports.ts'

export interface PauseDeps extends SettleDeps {
  readonly state: Pick<LinkState, 'read'> & LinkControl
  readonly ledger: TopicLedger
  /** The name on the target of a topic of the source. */
  readonly targetTopic: (sourceTopic: string) => string
}

/** What a pause or its end has changed. `noted`: that it was written down now; else it had been before. */
export interface PauseReport extends Settled {
  readonly mode: LinkStatus['mode']
  readonly noted: boolean
}

/** The state of a link or a topic may move while it is changed, since `sync-topics` writes it as well. */
const ATTEMPTS = 5

/** Written down first, so that nothing is appended any more and no pass switches a mapping on again; then the pollers. */
export const pauseLink = async (deadline: Deadline, deps: PauseDeps): Promise<PauseReport> => {
  const noted = await setMode('paused', deadline, deps)
  return { mode: 'paused', noted, ...(await settleMappings(() => 'Disabled', deadline, deps)) }
}

/** Topics that are paused by themselves, or that begin anew, stay as they are. */
export const resumeLink = async (deadline: Deadline, deps: PauseDeps): Promise<PauseReport> => {
  const noted = await setMode('forwarding', deadline, deps)
  const records = await deps.ledger.topics(deadline)
  const wanted = ({ topic }: LinkMapping) => (isOff(records.get(topic)) ? undefined : 'Enabled')
  return { mode: 'forwarding', noted, ...(await settleMappings(wanted, deadline, deps)) }
}

export const pauseTopic = async (topic: string, deadline: Deadline, deps: PauseDeps): Promise<PauseReport> => {
  const { noted } = await setPaused(topic, true, deadline, deps)
  const { status } = await deps.state.read([], deadline)
  const wanted = (mapping: LinkMapping) => (mapping.topic === topic ? 'Disabled' : undefined)
  return { mode: status.mode, noted, ...(await settleMappings(wanted, deadline, deps)) }
}

/** The mapping stays off while the whole link is, or while the topic begins anew. */
export const resumeTopic = async (topic: string, deadline: Deadline, deps: PauseDeps): Promise<PauseReport> => {
  const { noted, record } = await setPaused(topic, false, deadline, deps)
  const { status } = await deps.state.read([], deadline)
  const { mode } = status
  if (mode !== 'forwarding' || isOff(record)) return { mode, noted, settled: [], waiting: [] }
  const wanted = (mapping: LinkMapping) => (mapping.topic === topic ? 'Enabled' : undefined)
  return { mode, noted, ...(await settleMappings(wanted, deadline, deps)) }
}

const isOff = (record: TopicRecord | undefined): boolean => record !== undefined && (record.paused || record.restarting)

const setMode = async (mode: 'paused' | 'forwarding', deadline: Deadline, { state }: PauseDeps): Promise<boolean> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { status } = await state.read([], deadline)
    if (status.mode === mode) return false
    if (status.mode === 'draining' || status.mode === 'stopped') throw ofFailover(mode, status.mode)
    if ((await state.setStatus(status, { ...status, mode }, deadline)) === 'changed') return true
  }
  throw new ReplicationError('CHECKPOINT_MOVED', `setting the link to ${mode}: its state was changed meanwhile`)
}

const ofFailover = (mode: 'paused' | 'forwarding', now: 'draining' | 'stopped'): ReplicationError => {
  const doing = mode === 'paused' ? 'pausing the link' : 'resuming the link'
  const because = `a failover has set it to ${now}, and only a failover or failback changes that`
  return new ReplicationError('LINK_NOT_FORWARDING', `${doing}: ${because}`)
}

const setPaused = async (
  topic: string,
  paused: boolean,
  deadline: Deadline,
  deps: PauseDeps,
): Promise<{ readonly noted: boolean; readonly record: TopicRecord }> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const known = (await deps.ledger.topics(deadline)).get(topic)
    if (known?.paused === paused) return { noted: false, record: known }
    const record = { ...(known ?? (await newRecord(topic, deadline, deps))), paused }
    if (known === undefined && !paused) return { noted: false, record }
    if ((await deps.ledger.remember(topic, known, record, deadline)) === 'remembered') return { noted: true, record }
  }
  throw new ReplicationError('CHECKPOINT_MOVED', `pausing or resuming ${topic}: what is remembered of it kept changing`)
}

/** For a topic that is replicated already and that no pass has met: what the pass will remember of it. */
const newRecord = async (
  topic: string,
  deadline: Deadline,
  { state, targetTopic }: PauseDeps,
): Promise<TopicRecord> => {
  const partition = (await state.partitions(deadline)).find((candidate) => candidate.topic === topic)
  const head = partition && (await state.read([partition], deadline)).heads.get(partitionName(partition))
  if (head === undefined)
    throw new ReplicationError('TOPIC_UNFOLLOWED', `pausing or resuming ${topic}: the link remembers no such topic`)
  if (head instanceof ReplicationError) throw head
  return { incarnation: head.incarnation, targetTopic: targetTopic(topic), paused: false, restarting: false }
}
