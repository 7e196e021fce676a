import type { LagFacts } from './preflight-facts.ts'
import {
  counted,
  fails,
  type Judge,
  lasting,
  namedPartitions,
  passes,
  told,
  unknown,
  warns,
} from './preflight-finding.ts'

/** As long as the alarm of a silent canary waits. */
const CANARY_SILENT_MS = 180_000
const BEAT_OLD_MS = 120_000
const ALIVE = `a sample within ${lasting(CANARY_SILENT_MS)}, a heartbeat within ${lasting(BEAT_OLD_MS)}`
const SAMPLED = `a sample within ${lasting(CANARY_SILENT_MS)}`

/** Heartbeats come from the source, so that without one there are none. */
export const canaryAlive: Judge = ({ lag, now }, { mode, link }) => {
  const limit = link.heartbeats && mode !== 'unplanned' ? ALIVE : SAMPLED
  return told(lag, limit, ({ rememberedAt, heartbeatAgeMs }) => {
    if (rememberedAt === undefined) return fails('no sample yet', limit, 'is the schedule of measure-lag on?')
    const measured = `a sample ${lasting(Math.max(0, now - rememberedAt))} ago`
    if (now - rememberedAt > CANARY_SILENT_MS) return fails(measured, limit, 'measure-lag has stopped: see its log')
    if (limit === SAMPLED) return passes(measured, limit)
    if (heartbeatAgeMs === undefined)
      return fails(`${measured}, no heartbeat`, limit, 'no beat has arrived on the target')
    const beat = `${measured}, a heartbeat of ${lasting(heartbeatAgeMs)}`
    return heartbeatAgeMs > BEAT_OLD_MS
      ? fails(beat, limit, 'beats do not arrive: does replication stand still, or the heartbeat function?')
      : passes(beat, limit)
  })
}

/** Figures that leave partitions out say less than they seem to. */
const incomplete = ({ unseen, unmeasured, sourceUnreachableSince }: LagFacts): string | undefined => {
  if (unmeasured > 0) return `of ${counted(unmeasured, 'partition')} nobody knows how far they are behind`
  return unseen > 0 && sourceUnreachableSince === undefined
    ? `of ${counted(unseen, 'partition')} the source tells nothing now`
    : undefined
}

/** Unplanned, that is what would be lost. */
export const lagRecords: Judge = ({ lag }, { mode, limits }) => {
  const most = mode === 'unplanned' ? limits.lostRecords : limits.lagRecords
  const limit = `${counted(most, 'record')} ${mode === 'unplanned' ? 'lost' : 'behind'} at most`
  return told(lag, limit, (facts) => {
    const measured = counted(facts.records, 'record')
    if (facts.records > most)
      return fails(
        measured,
        limit,
        mode === 'unplanned' ? 'they are on the source alone' : 'let replication catch up first',
      )
    const missing = incomplete(facts)
    return missing === undefined ? passes(measured, limit) : unknown(limit, missing)
  })
}

export const lagSeconds: Judge = ({ lag }, { limits }) => {
  const limit = `the oldest record waits for ${limits.lagSeconds} s at most`
  return told(lag, limit, (facts) => {
    const measured = lasting(facts.lagMs)
    if (facts.lagMs > limits.lagSeconds * 1_000) return fails(measured, limit, 'let replication catch up first')
    const missing = incomplete(facts)
    return missing === undefined ? passes(measured, limit) : unknown(limit, missing)
  })
}

const EXPLAINED = 'no offsets went unreplicated, and no partition stands still'

/** What is in the ledger is explained. Holes that nobody has read yet may still hold records, which somebody should know. */
export const gapsExplained: Judge = ({ lag, heads }) =>
  told(heads, EXPLAINED, ({ standing, unread, partitions }) => {
    if (standing.length > 0)
      return fails(`${counted(standing.length, 'partition')} standing`, EXPLAINED, namedPartitions(standing))
    if (partitions === 0) return unknown(EXPLAINED, 'neither cluster tells which partitions there are')
    return told(lag, EXPLAINED, ({ gone }) => {
      if (gone > 0) return fails(counted(gone, 'offset'), EXPLAINED, 'retention took them before they were replicated')
      const measured = `none in ${counted(partitions, 'partition')}`
      if (unread.length === 0) return passes(measured, EXPLAINED)
      return warns(measured, EXPLAINED, `nobody has read yet what holes hold of ${namedPartitions(unread)}`)
    })
  })
