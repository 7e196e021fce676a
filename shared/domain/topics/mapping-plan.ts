import type { TopicStep } from './topic-step.ts'

/** As Lambda calls the states of a mapping; the middle ones pass by themselves. */
export type MappingState = 'Creating' | 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled' | 'Updating' | 'Deleting'

/** One event source mapping of a link's function. */
export interface LinkMapping {
  /** Its UUID. */
  readonly id: string
  readonly topic: string
  readonly state: MappingState
  /** Who made it, and so who may remove it. */
  readonly madeBy: 'stack' | 'run-time'
  /**
   * Where one that was made at run time is not what the link wants of it now: in what Lambda can change, or in what it
   * polls, for which it has to be made anew. What a stack made is the stack's to change.
   */
  readonly differs?: 'settings' | 'source'
}

/**
 * What a topic needs. `on`: it is consumed. `paused`: it will be, when an operator says so. `held`: nothing may consume
 * it now. `none`: it is not replicated, or not any more.
 */
export type WantedMapping = 'on' | 'paused' | 'held' | 'none'

/** Whether nothing consumes the topic, and nothing is about to. */
export const isQuiet = (mappings: readonly LinkMapping[]): boolean =>
  mappings.every(({ state }) => state === 'Disabled')

const isSettled = ({ state }: LinkMapping): boolean => state === 'Enabled' || state === 'Disabled'

const remove = (mapping: LinkMapping): readonly TopicStep[] =>
  isSettled(mapping) ? [{ kind: 'remove-mapping', topic: mapping.topic, id: mapping.id }] : []

/** A state that passes by itself is left alone until the next pass: Lambda refuses to change a mapping in it. */
const turn = ({ topic, id, state }: LinkMapping, wanted: WantedMapping): readonly TopicStep[] => {
  if (wanted === 'on') return state === 'Disabled' ? [{ kind: 'enable-mapping', topic, id }] : []
  return state === 'Enabled' ? [{ kind: 'disable-mapping', topic, id }] : []
}

/** Switched first and changed in a later pass, since either takes it out of its state. */
const tend = (mapping: LinkMapping, wanted: WantedMapping): readonly TopicStep[] => {
  const turned = turn(mapping, wanted)
  if (turned.length > 0 || !isSettled(mapping) || mapping.differs === undefined) return turned
  return mapping.differs === 'source'
    ? remove(mapping)
    : [{ kind: 'update-mapping', topic: mapping.topic, id: mapping.id }]
}

/**
 * Towards one mapping per topic. One of the stack is switched, never made or removed; where there is one, it serves the
 * topic and any other is in its way, since both would have the same consumer group.
 */
export const planMapping = (
  topic: string,
  wanted: WantedMapping,
  madeBy: LinkMapping['madeBy'],
  mappings: readonly LinkMapping[],
): readonly TopicStep[] => {
  const byStack = mappings.filter((mapping) => mapping.madeBy === 'stack')
  const [serving, ...surplus] = mappings.filter((mapping) => mapping.madeBy === 'run-time').toSorted(byUse)
  if (byStack.length > 0 || madeBy === 'stack' || wanted === 'none')
    return [
      ...byStack.flatMap((mapping) => turn(mapping, wanted)),
      ...mappings.filter((mapping) => mapping.madeBy === 'run-time').flatMap(remove),
    ]
  if (serving !== undefined) return [...tend(serving, wanted), ...surplus.flatMap(remove)]
  return wanted === 'held' ? [] : [{ kind: 'create-mapping', topic, enabled: wanted === 'on' }]
}

/** One that is on its way out serves last; else the order has only to be the same in every pass. */
const byUse = (one: LinkMapping, other: LinkMapping): number =>
  Number(one.state === 'Deleting') - Number(other.state === 'Deleting') || (one.id < other.id ? -1 : 1)
