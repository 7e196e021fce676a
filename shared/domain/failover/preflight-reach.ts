import type { ClusterFacts, Told } from './preflight-facts.ts'
import {
  counted,
  fails,
  type Judge,
  lasting,
  named,
  namedPartitions,
  passes,
  told,
  unknown,
  warns,
} from './preflight-finding.ts'

const ALL_LED = 'every replicated partition has a leader'

/** A cluster that does not answer is not reachable: nothing is unknown about that. */
const reachable = (cluster: Told<ClusterFacts>) => {
  if (cluster.kind === 'untold') return fails('does not answer', ALL_LED, cluster.because)
  const { partitions, silent, undescribed } = cluster.value
  const count = [...partitions.values()].reduce((total, ofTopic) => total + ofTopic, 0)
  const measured = `${counted(count, 'partition')}, ${silent.length} without an answer`
  if (silent.length > 0) return fails(measured, ALL_LED, `of these nobody tells: ${namedPartitions(silent)}`)
  if (undescribed.length > 0) return unknown(ALL_LED, named(undescribed))
  return count === 0
    ? fails(measured, ALL_LED, 'it has none of the topics of the link: is it the right cluster?')
    : passes(measured, ALL_LED)
}

export const sourceReachable: Judge = ({ source }) => reachable(source)
export const targetReachable: Judge = ({ target }) => reachable(target)

/** A broker that restarts is silent for less. */
const SILENT_FOR_MS = 30_000
const UNHEALTHY = `nobody there answers for ${lasting(SILENT_FOR_MS)}, or partitions have no leader for as long`

/** So that nobody fails over from a cluster that serves: a planned failover would lose nothing. */
export const sourceUnhealthy: Judge = ({ source, lag, now }) => {
  const silent = source.kind === 'told' ? source.value.silent : undefined
  if (silent?.length === 0)
    return fails('it answers', UNHEALTHY, 'the source is well: use a planned failover, or force this one with a reason')
  const what = silent === undefined ? 'the source' : namedPartitions(silent)
  if (lag.kind === 'untold') return unknown(UNHEALTHY, `nobody knows since when ${what} is silent: ${lag.because}`)
  const { sourceUnreachableSince, unseenSince } = lag.value
  const since = silent === undefined ? sourceUnreachableSince : (unseenSince ?? sourceUnreachableSince)
  if (since === undefined)
    return fails(
      'silent just now',
      UNHEALTHY,
      `the canary has heard of ${what} in its last sample: look again in a moment`,
    )
  const measured = `${what} silent for ${lasting(now - since)}`
  if (now - since >= SILENT_FOR_MS) return passes(measured, UNHEALTHY)
  return fails(measured, UNHEALTHY, 'brokers that restart are silent for as long: look again in a moment')
}

const WRITABLE = 'every replica takes records with acks=all'

/** In sync: what the target would need the moment that applications come. */
export const targetInSync: Judge = ({ replicas }) =>
  told(replicas, WRITABLE, ({ partitions, unwritable, thin, untold }) => {
    const measured = `${counted(unwritable.length, 'partition')} of ${partitions} not writable, ${thin.length} not fully in sync`
    if (unwritable.length > 0) return fails(measured, WRITABLE, namedPartitions(unwritable))
    if (untold.length > 0) return unknown(WRITABLE, `min.insync.replicas is not told of ${named(untold)}`)
    if (partitions === 0) return unknown(WRITABLE, 'the target shows none of the replicas')
    return thin.length > 0 ? warns(measured, WRITABLE, namedPartitions(thin)) : passes(measured, WRITABLE)
  })

const SURVIVES = 'the loss of any one rack stops nothing'

export const targetRacks: Judge = ({ racks }) =>
  told(racks, SURVIVES, ({ verdict, unsafePartitions }) => {
    const measured = `${verdict}, ${counted(unsafePartitions, 'partition')} would stop`
    if (verdict === 'unsafe') return warns(measured, SURVIVES, 'see `twinshore racks` for which')
    return passes(measured, SURVIVES, verdict === 'unknown' ? 'nobody tells the racks of its brokers' : '')
  })

/** Below it brokers may fill up before anybody is back from the failover. */
export const LEAST_FREE_SHARE = 0.15
const ROOM = `${LEAST_FREE_SHARE * 100} % of every disk of the target free`

export const targetDisk: Judge = ({ disks }) =>
  told(disks, ROOM, ({ disks: all, offline, unmeasured }) => {
    if (offline.length > 0) return fails(`${counted(offline.length, 'disk')} offline`, ROOM, named(offline))
    const fullest = all
      .map((disk) => ({ ...disk, share: disk.totalBytes > 0 ? disk.usableBytes / disk.totalBytes : 0 }))
      .sort((one, other) => one.share - other.share)
      .at(0)
    if (fullest === undefined)
      return unmeasured.length > 0
        ? warns(
            'not told',
            ROOM,
            `the brokers ${unmeasured.join(', ')} are too old to tell, or their storage is managed`,
          )
        : unknown(ROOM, 'no broker told of its disks')
    const measured = `${Math.floor(fullest.share * 100)} % free on broker ${fullest.node}`
    if (fullest.share < LEAST_FREE_SHARE)
      return fails(measured, ROOM, `${fullest.directory} of broker ${fullest.node} is the fullest`)
    if (unmeasured.length > 0) return warns(measured, ROOM, `the brokers ${unmeasured.join(', ')} do not tell`)
    return passes(measured, ROOM)
  })
