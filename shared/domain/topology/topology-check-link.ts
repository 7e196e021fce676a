import { LAMBDA_OWN_WINDOW_MS, readsMskByArn } from '../event-source-mapping.ts'
import { kafkaAccess, secretsOf } from '../kafka-access.ts'
import { secretRegion } from '../secret-reference.ts'
import { canExist, isPartOfName } from '../topics/topic-name.ts'
import { replicaName, replicaTemplate } from '../topics/topic-naming.ts'
import { type Link, type Pollers, placementOf, type Thresholds } from './topology.ts'
import { isName } from './topology-check-cluster.ts'
import { LIMITS, LOG_RETENTION_DAYS } from './topology-limits.ts'
import { type Mistake, mistakeIf, outside, tooMany } from './topology-mistake.ts'

const POLLER_GROUP = /^[a-zA-Z0-9_-]+$/

const CHOICES = {
  placement: ['target', 'source'],
  compression: ['zstd', 'gzip', 'none'],
  delivery: ['at-least-once', 'exactly-once'],
  onPoison: ['halt', 'quarantine'],
  onRecreate: ['append', 'fault'],
} as const

const THRESHOLDS = [
  'standstillMs',
  'functionErrors',
  'throttles',
  'lagSeconds',
  'lagRecords',
  'timeToLossMs',
] as const satisfies readonly (keyof Thresholds)[]

/** What is wrong with a link by itself; its clusters exist and are as they should be. */
export const checkLink = (path: string, link: Link): readonly Mistake[] => [
  ...mistakeIf(!isName(link.name), `${path}.name`, `${link.name} is no usable name`, 'use a-z, 0-9 and -'),
  ...tooMany(`${path}.name`, link.name.length, LIMITS.linkName),
  ...checkChoices(path, link),
  ...checkNaming(path, link),
  ...checkBatches(path, link),
  ...checkFunction(path, link),
  ...checkPollers(`${path}.pollers`, link.pollers),
  ...checkRetention(path, link),
  ...checkThresholds(`${path}.thresholds`, link),
  ...checkPlacement(path, link),
]

const checkChoices = (path: string, link: Link): readonly Mistake[] =>
  (['placement', 'compression', 'delivery', 'onPoison', 'onRecreate'] as const).flatMap((field) => {
    const choices: readonly string[] = CHOICES[field]
    const known = choices.includes(link[field])
    return mistakeIf(!known, `${path}.${field}`, `${link[field]} is unknown`, `choose one of ${choices.join(', ')}`)
  })

const checkNaming = (path: string, link: Link): readonly Mistake[] => {
  const template = replicaTemplate(link.naming, link.source.name)
  const rest = template.replaceAll('{topic}', '')
  return [
    ...mistakeIf(
      !template.includes('{topic}') || (rest !== '' && !isPartOfName(rest)),
      `${path}.naming`,
      `${link.naming} makes no topic name`,
      "choose 'prefix', 'identity' or a template with {topic} and, if wanted, {source}",
    ),
    ...link.topics
      .map((topic) => replicaName(template, topic))
      .filter((replica) => !canExist(replica) && isPartOfName(replica))
      .flatMap((replica) =>
        mistakeIf(true, `${path}.naming`, `no cluster takes a topic of the name ${replica}`, 'choose a shorter naming'),
      ),
  ]
}

const checkBatches = (path: string, { batchSize, batchWindowMs }: Link): readonly Mistake[] => [
  ...outside(`${path}.batchSize`, batchSize, LIMITS.batchSize),
  ...outside(`${path}.batchWindowMs`, batchWindowMs, LIMITS.batchWindow),
  ...mistakeIf(
    batchWindowMs !== LAMBDA_OWN_WINDOW_MS && batchWindowMs % 1000 !== 0,
    `${path}.batchWindowMs`,
    `Lambda knows windows of 500 ms and of whole seconds, not of ${batchWindowMs} ms`,
    'choose 0, 500 or a multiple of 1000',
  ),
]

const checkFunction = (path: string, link: Link): readonly Mistake[] => [
  ...outside(`${path}.functionTimeoutMs`, link.functionTimeoutMs, LIMITS.functionTimeout),
  ...mistakeIf(
    link.functionTimeoutMs % 1000 !== 0,
    `${path}.functionTimeoutMs`,
    'Lambda counts timeouts in seconds',
    'choose a multiple of 1000',
  ),
  ...mistakeIf(
    link.appendDeadlineMs < 1 || link.appendDeadlineMs + LIMITS.appendDeadlineReserve.max > link.functionTimeoutMs,
    `${path}.appendDeadlineMs`,
    `${link.appendDeadlineMs} ms do not fit into a timeout of ${link.functionTimeoutMs} ms: ${LIMITS.appendDeadlineReserve.because}`,
    `stay ${LIMITS.appendDeadlineReserve.max} ms below functionTimeoutMs, or raise that`,
  ),
  ...outside(`${path}.memoryMiB`, link.memoryMiB, LIMITS.memory),
  ...(link.reservedConcurrency === undefined
    ? []
    : outside(`${path}.reservedConcurrency`, link.reservedConcurrency, LIMITS.reservedConcurrency)),
]

const checkPollers = (path: string, pollers: Pollers): readonly Mistake[] => {
  if (pollers === 'on-demand') return []
  const { minimum, maximum, group } = pollers
  return [
    ...outside(`${path}.minimum`, minimum, LIMITS.pollersMinimum),
    ...outside(`${path}.maximum`, maximum, LIMITS.pollersMaximum),
    ...mistakeIf(minimum > maximum, path, `the minimum of ${minimum} exceeds the maximum of ${maximum}`, 'swap them'),
    ...mistakeIf(
      group !== undefined && (!POLLER_GROUP.test(group) || group.length > LIMITS.pollerGroupName.max),
      `${path}.group`,
      'is no name of a poller group',
      `use up to ${LIMITS.pollerGroupName.max} of a-z, A-Z, 0-9, _ and -`,
    ),
  ]
}

const checkRetention = (path: string, { logRetentionDays, mapRetentionDays }: Link): readonly Mistake[] => [
  ...mistakeIf(
    !LOG_RETENTION_DAYS.includes(logRetentionDays),
    `${path}.logRetentionDays`,
    `CloudWatch Logs does not know a retention of ${logRetentionDays} days`,
    `choose one of ${LOG_RETENTION_DAYS.join(', ')}`,
  ),
  ...outside(`${path}.mapRetentionDays`, mapRetentionDays, LIMITS.mapRetention),
]

const checkThresholds = (path: string, { thresholds }: Link): readonly Mistake[] =>
  THRESHOLDS.flatMap((name) => {
    const value = thresholds[name]
    return value === undefined ? [] : outside(`${path}.${name}`, value, LIMITS[name])
  })

const checkPlacement = (path: string, link: Link): readonly Mistake[] => {
  const { region, network } = placementOf(link)
  const secrets = [link.source, link.target].flatMap((cluster) => secretsOf(kafkaAccess(cluster)))
  const farAway = secrets.filter((secret) => (secretRegion(secret) ?? region) !== region)
  return [
    ...farAway.flatMap((secret) =>
      mistakeIf(
        true,
        `${path}.placement`,
        `the link runs in ${region}, and Lambda reads no secret of another region: ${secret}`,
        `name the secret instead of its ARN, and replicate it to ${region} in Secrets Manager`,
      ),
    ),
    ...mistakeIf(
      link.source.login.kind === 'none' && network === undefined && !readsMskByArn(link),
      `${path}.source`,
      'Lambda polls brokers without a login only from inside a VPC',
      `give ${placementOf(link).name} a network, or ${link.source.name} a login`,
    ),
  ]
}
