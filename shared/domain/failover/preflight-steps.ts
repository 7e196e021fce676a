import type { CheckFinding } from './preflight-check.ts'
import type { PassFacts, Told } from './preflight-facts.ts'
import { counted, fails, type Judge, lasting, named, passes, told, unknown, warns } from './preflight-finding.ts'

const EQUAL = 'each replica has as many partitions as its source'

/** A key lands in another partition where their number is another. */
export const partitionsEqual: Judge = ({ source, target }) =>
  told(source, EQUAL, ({ partitions: ofSource }) =>
    told(target, EQUAL, ({ partitions: ofTarget }) => {
      const unequal = [...ofSource].filter(([topic, count]) => ofTarget.get(topic) !== count)
      const texts = unequal.map(
        ([topic, count]) => `${topic} ${count}, its replica ${ofTarget.get(topic) ?? 'missing'}`,
      )
      if (unequal.length > 0)
        return fails(`${unequal.length} of ${counted(ofSource.size, 'topic')} differ`, EQUAL, named(texts))
      return passes(`${counted(ofSource.size, 'topic')} equal`, EQUAL)
    }),
  )

const SOUND = 'no topic waits for somebody to act'

export const topicsSound: Judge = ({ topics }) => {
  if (topics === undefined) return passes('not kept in step', SOUND, 'the link has syncTopics: false')
  return told(topics, SOUND, ({ faulted, troubles }) => {
    if (faulted.length > 0) return fails(`${counted(faulted.length, 'topic')} faulted`, SOUND, named(faulted))
    return troubles.length > 0 ? unknown(SOUND, named(troubles)) : passes('none faulted', SOUND)
  })
}

const SETTINGS = 'a pass over the topics would change nothing'

/** What the pass would do beside mappings, which a failover switches itself. */
export const settingsInStep: Judge = ({ topics }) => inStep(topics, SETTINGS, 'syncTopics: false')

const ACCESS = 'a pass over the rights would change nothing'

/** Write grants that are held until the promotion are in step. */
export const accessInStep: Judge = ({ access }) => inStep(access, ACCESS, 'no access in the topology')

const inStep = (pass: Told<PassFacts> | undefined, limit: string, why: string): CheckFinding => {
  if (pass === undefined) return passes('not kept in step', limit, `the link has ${why}`)
  return told(pass, limit, ({ due, troubles, faulted }) => {
    const measured = `${due.length} to change`
    if (due.length > 0) return fails(measured, limit, named(due))
    if (troubles.length > 0) return unknown(limit, named(troubles))
    return faulted.length > 0 ? fails(measured, limit, named(faulted)) : passes(measured, limit)
  })
}

const FRESH = 'the positions of all groups can be moved'

/** Positions that are out of step are moved by the failover itself, once nobody writes; only what cannot be is in the way. */
export const groupsFresh: Judge = ({ groups, lag, now }, { mode }) => {
  if (groups === undefined)
    return warns('not kept in step', FRESH, 'the link has syncGroups: false: groups resume by their own settings')
  if (groups.kind === 'untold' && mode === 'unplanned' && lag.kind === 'told' && lag.value.groups !== undefined) {
    const { at, reread } = lag.value.groups
    const measured = `known ${lasting(Math.max(0, now - at))} ago, ${counted(reread, 'record')} read again`
    return warns(
      measured,
      FRESH,
      'the source does not tell where its groups are: they resume where they were last known to be',
    )
  }
  return told(groups, FRESH, ({ faulted, troubles, compared, positions }) => {
    const measured = `${counted(compared, 'group')}, ${counted(positions, 'position')} to move`
    if (faulted.length > 0) return fails(measured, FRESH, `these cannot be: ${named(faulted)}`)
    return troubles.length > 0 ? unknown(FRESH, named(troubles)) : passes(measured, FRESH)
  })
}
