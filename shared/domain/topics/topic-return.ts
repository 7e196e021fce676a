import type { Link } from '../topology/topology.ts'
import { includes, type TopicChoice } from './topic-inclusion.ts'
import { replicaName, replicaTemplate } from './topic-naming.ts'

/** Whether a link brings a replica back to where it came from: to the topic of which the link the other way made it. */
export const bringsBack = (
  { naming, source, ...choice }: TopicChoice & Pick<Link, 'naming' | 'source'>,
  replica: string,
  topic: string,
): boolean => includes(choice, replica) && replicaName(replicaTemplate(naming, source.name), replica) === topic
