import type { CheckFinding } from './preflight-check.ts'
import type { RetentionFacts, Told } from './preflight-facts.ts'
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

const OURS = 'the link alone has written to its replicas'

/** Whatever is on a replica beyond what the map covers was written by somebody else, or twice. */
export const noForeignWrites: Judge = ({ foreign }, { link }) => {
  if (link.provenance) return passes('not looked for', OURS, 'applications of both clusters write to these topics')
  return told(foreign, OURS, ({ records, partitions, untold }) => {
    const measured = counted(records, 'record')
    if (records > 0)
      return fails(
        measured,
        OURS,
        `on ${namedPartitions(partitions)}: who writes there besides the link? See \`twinshore verify\``,
      )
    return untold > 0 ? unknown(OURS, `of ${counted(untold, 'replica')} nobody can tell`) : passes(measured, OURS)
  })
}

const ONE_SIDE = 'one cluster takes writes of applications'

export const oneWritableSide: Judge = ({ roles, foreign }, { link }) =>
  told(roles, ONE_SIDE, ({ forward }) => {
    if (forward.role === 'active')
      return fails(
        'the target is active',
        ONE_SIDE,
        `it was promoted with epoch ${forward.epoch}: there is nothing to fail over to`,
      )
    if (link.provenance) return passes('the target is standby', ONE_SIDE, 'records tell which cluster they come from')
    return told(foreign, ONE_SIDE, ({ growing, untold }) => {
      if (growing) return fails('both are written to', ONE_SIDE, 'while the source grows, somebody writes to replicas')
      return untold > 0
        ? unknown(ONE_SIDE, `of ${counted(untold, 'replica')} nobody can tell`)
        : passes('the target is standby', ONE_SIDE)
    })
  })

const NOTHING_OWED = 'no cluster waits to be fenced, or told of its role'

export const noPendingFence: Judge = ({ pending }) =>
  told(pending, NOTHING_OWED, (waiting) =>
    waiting === undefined
      ? passes('none', NOTHING_OWED)
      : fails(
          `${waiting.owed.join(', ')}, of ${waiting.execution}`,
          NOTHING_OWED,
          'it is applied on the first contact: wait for it, or see why there is none',
        ),
  )

const AT_REST = 'the link the other way is stopped'

/** Where names are kept, two links that forward at once would carry each record round. */
export const reverseStopped: Judge = ({ roles }, { link }) => {
  if (!link.keepsNames || link.provenance)
    return passes('may forward', AT_REST, 'its replicas have other names, or records tell where they come from')
  return told(roles, AT_REST, ({ reverse }) => {
    if (reverse === undefined)
      return warns('there is none', AT_REST, 'nothing comes back from the target after the failover')
    return told(reverse, AT_REST, ({ mode }) =>
      mode === 'stopped'
        ? passes(mode, AT_REST)
        : fails(mode, AT_REST, 'it would bring records back to where they come from'),
    )
  })
}

const kept = (retention: Told<RetentionFacts>, headroomMs: number, losing: number | undefined): CheckFinding => {
  const limit = `records are kept for ${lasting(headroomMs)}`
  if (losing !== undefined && losing < headroomMs)
    return fails(`${lasting(losing)} until some are taken`, limit, 'retention takes records that were not replicated')
  return told(retention, limit, ({ shortest, untold }) => {
    if (untold.length > 0) return unknown(limit, `retention is not told of ${named(untold)}`)
    if (shortest === undefined) return passes('for ever', limit)
    const measured = `${lasting(shortest.retentionMs)}, ${shortest.topic}`
    if (shortest.retentionMs >= headroomMs) return passes(measured, limit)
    return warns(measured, limit, 'what is not read within that time is gone, on either side of the failover')
  })
}

/** The stranded tail lies there until somebody comes for it. */
export const sourceRetention: Judge = ({ sourceRetention: retention, lag }, { link }) =>
  kept(retention, link.headroomMs, lag.kind === 'told' ? lag.value.timeToLossMs : undefined)

/** The way back begins with what the target keeps. */
export const targetRetention: Judge = ({ targetRetention: retention }, { link }) =>
  kept(retention, link.headroomMs, undefined)
