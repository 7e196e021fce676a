import { consumerGroup } from '../link-names.ts'
import type { Link } from '../topology/topology.ts'
import { LIMITS } from '../topology/topology-limits.ts'
import type { TopicFacts, TopicSettings } from './topic-facts.ts'
import { type Inclusion, inclusionOf } from './topic-inclusion.ts'
import { canBePolled, canExist } from './topic-name.ts'
import { replicaName, replicaTemplate } from './topic-naming.ts'
import { originsOf, type TopicFlow } from './topic-origin.ts'

export type LeftOutBecause = 'internal' | 'excluded' | 'not-included' | 'would-loop' | 'unsupported'

/** Whether a topic of the source is replicated, and who makes its mapping; or why not. */
export type SelectionVerdict =
  | { readonly replicate: true; readonly mapping: 'stack' | 'run-time' }
  | { readonly replicate: false; readonly because: LeftOutBecause; readonly detail: string }

export type SelectingLink = TopicFlow & Pick<Link, 'installation' | 'name'>

const leftOut = (because: LeftOutBecause, detail: string): SelectionVerdict => ({ replicate: false, because, detail })

const DETAILS: Readonly<Record<Exclude<Inclusion, 'named' | 'found'>, string>> = {
  internal: 'a cluster, a framework or Twinshore keeps its own state in it',
  excluded: 'the link excludes it',
  'not-included': 'the link neither names it nor has a pattern for it',
}

/** What no Lambda event, no group and no cluster could take. */
const unsupported = (link: SelectingLink, topic: string, settings: TopicSettings | undefined): string | undefined => {
  const replica = replicaName(replicaTemplate(link.naming, link.source.name), topic)
  const group = consumerGroup(link, topic)
  if (!canBePolled(topic)) return `Lambda cannot poll a topic of the name ${topic}`
  if (!canExist(replica)) return `no cluster takes a topic of the name ${replica}`
  if (group.length > LIMITS.consumerGroup.max)
    return `the consumer group ${group} has more than ${LIMITS.consumerGroup.max} characters`
  return tooLarge(settings)
}

/** What the cluster says for all its topics is left out of account: it would leave them all out. */
const tooLarge = (settings: TopicSettings | undefined): string | undefined => {
  const setting = settings?.get('max.message.bytes')
  if (setting?.origin !== 'topic' || Number(setting.value) <= LIMITS.messageBytes.max) return undefined
  return `its max.message.bytes of ${setting.value} is more than the ${LIMITS.messageBytes.max} bytes that a Lambda event carries, and Lambda leaves larger records out without a word`
}

/**
 * Decides for each topic of the link's source. `flows`: all links of the topology. A link without provenance looks at no
 * header, so for it the names are all there is, whatever other links write into their records.
 */
export const topicSelection = (
  link: SelectingLink,
  flows: readonly TopicFlow[],
): ((topic: TopicFacts, settings: TopicSettings | undefined) => SelectionVerdict) => {
  const listening = { listens: link.provenance }
  return ({ topic, internal }, settings) => {
    const inclusion = internal ? 'internal' : inclusionOf(link, topic)
    if (inclusion !== 'named' && inclusion !== 'found') return leftOut(inclusion, DETAILS[inclusion])
    if (originsOf(topic, link.source.name, flows, listening).has(link.target.name))
      return leftOut('would-loop', `its records come from ${link.target.name} and would return there`)
    const reason = unsupported(link, topic, settings)
    if (reason !== undefined) return leftOut('unsupported', reason)
    return { replicate: true, mapping: inclusion === 'named' ? 'stack' : 'run-time' }
  }
}
