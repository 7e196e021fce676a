import { consumerGroup } from '../link-names.ts'
import { isMatched } from '../topics/name-pattern.ts'
import { belongsToCluster, canBePolled } from '../topics/topic-name.ts'
import type { Link } from './topology.ts'
import { checkPatterns } from './topology-check-patterns.ts'
import type { WrittenLink } from './topology-complete.ts'
import { LIMITS } from './topology-limits.ts'
import { type Mistake, mistakeIf, outside, repeated, tooMany } from './topology-mistake.ts'

/** What is wrong with what a link says of its topics. */
export const checkTopics = (entry: WrittenLink): readonly Mistake[] => [
  ...checkCount(entry),
  ...checkNames(entry),
  ...(['topics', 'exclude', 'excludeSettings'] as const).flatMap((field) =>
    checkPatterns(`${entry.path}.${field}`, entry.input[field] ?? []),
  ),
  ...checkExclusions(entry),
  ...checkCopies(entry),
]

const topicsLimit = ({ source, target }: Link) =>
  [source, target].some(({ login }) => login.kind === 'iam') ? LIMITS.topicsPerIamLink : LIMITS.topicsPerLink

/** A pattern stands for as many topics as it finds: they are no part of the stack, and one right serves them all. */
const checkCount = ({ path, part, input }: WrittenLink): readonly Mistake[] => {
  const limit = topicsLimit(part)
  const count = input.topics.length === 0 ? 0 : part.topics.length // a link for beats alone is a mistake
  return tooMany(`${path}.topics`, count, { ...limit, min: part.patterns.length === 0 ? limit.min : 0 })
}

const checkNames = ({ path, part, input }: WrittenLink): readonly Mistake[] => [
  ...repeated(input.topics, String).flatMap(({ one }) =>
    mistakeIf(true, `${path}.topics`, `${one} is named twice`, 'name it once'),
  ),
  ...input.topics.flatMap((topic, index) =>
    typeof topic === 'string' ? checkTopic(`${path}.topics[${index}]`, topic, part) : [],
  ),
]

const checkTopic = (path: string, topic: string, link: Link): readonly Mistake[] => [
  ...mistakeIf(
    !canBePolled(topic),
    path,
    `Lambda cannot poll a topic of this name: ${topic}`,
    "write a name of 2 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-', that does not begin with '.', or a pattern between slashes",
  ),
  ...mistakeIf(belongsToCluster(topic), path, `${topic} belongs to the cluster itself`, 'leave it out'),
  ...mistakeIf(
    consumerGroup(link, topic).length > LIMITS.consumerGroup.max,
    path,
    `the consumer group ${consumerGroup(link, topic)} has more than ${LIMITS.consumerGroup.max} characters`,
    'shorten the name of the link or of the topic',
  ),
]

const checkExclusions = ({ path, part }: WrittenLink): readonly Mistake[] =>
  part.topics.flatMap((topic) =>
    mistakeIf(
      isMatched(topic, part.exclude),
      `${path}.exclude`,
      `${topic} is excluded, and named in topics as well`,
      'decide on one of them',
    ),
  )

const checkCopies = ({ path, part }: WrittenLink): readonly Mistake[] => [
  ...mistakeIf(
    part.patterns.length > 0 && !part.syncTopics,
    `${path}.syncTopics`,
    'a pattern finds topics only while they are kept in step',
    'leave syncTopics out, or name the topics',
  ),
  ...(part.replicationFactor === 'inherit'
    ? []
    : outside(`${path}.replicationFactor`, part.replicationFactor, LIMITS.replicationFactor)),
  ...checkDeletion(`${path}.onSourceDelete`, part),
]

const checkDeletion = (path: string, { onSourceDelete, provenance }: Link): readonly Mistake[] => {
  if (onSourceDelete === 'keep') return []
  return [
    ...outside(`${path}.deleteAfterDays`, onSourceDelete.deleteAfterDays, LIMITS.deleteAfter),
    ...mistakeIf(
      provenance,
      path,
      'applications write to the target topics too, and their records would be deleted with the copies',
      "choose 'keep'",
    ),
  ]
}
