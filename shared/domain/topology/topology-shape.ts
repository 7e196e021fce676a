import type {
  ClusterInput,
  LinkAccess,
  LinkInput,
  Login,
  Network,
  OnSourceDelete,
  PairInput,
  Pollers,
  Thresholds,
  TopologyInput,
} from './topology.ts'
import { type Mistake, mistakeIf } from './topology-mistake.ts'

/**
 * Node runs a topology without looking at its types, and a part of it may come from elsewhere: a misspelt or missing
 * field has to be found here, or it would be ignored in silence.
 */
type Kind =
  | 'text'
  | 'number'
  | 'flag'
  | 'texts'
  | 'names'
  | 'object'
  | 'list'
  | 'two'
  | 'pollers'
  | 'replicas'
  | 'deletion'
  | 'principals'
type FieldsOf<T> = T extends unknown ? keyof T : never
type Shape<T> = Readonly<Record<FieldsOf<T>, Kind | `${Kind}?`>>
type AnyShape = Readonly<Record<string, Kind | `${Kind}?`>>

const TOPOLOGY: Shape<TopologyInput> = {
  installation: 'text?',
  account: 'text?',
  protect: 'flag?',
  encryptionKeys: 'object?',
  alarmTopics: 'object?',
  runbook: 'text?',
  clusters: 'object',
  links: 'list',
  pairs: 'list?',
}

const CLUSTER: Shape<ClusterInput> = {
  kind: 'text',
  region: 'text',
  bootstrapServers: 'texts',
  login: 'object',
  arn: 'text?',
  tls: 'flag?',
  caSecret: 'text?',
  network: 'object?',
  secretKeys: 'texts?',
  clusterId: 'text?',
  controllerRacks: 'object?',
}

const LOGIN: Shape<Login> = { kind: 'text', secret: 'text?' }

const NETWORK: Shape<Network> = {
  vpcId: 'text',
  availabilityZones: 'texts',
  subnetIds: 'texts',
  securityGroupIds: 'texts',
}

const LINK: Shape<LinkInput> = {
  name: 'text?',
  source: 'text',
  target: 'text',
  topics: 'names',
  exclude: 'names?',
  excludeSettings: 'names?',
  groups: 'names?',
  excludeGroups: 'names?',
  access: 'object?',
  naming: 'text?',
  provenance: 'flag?',
  placement: 'text?',
  compression: 'text?',
  batchSize: 'number?',
  batchWindowMs: 'number?',
  pollers: 'pollers?',
  delivery: 'text?',
  onPoison: 'text?',
  functionTimeoutMs: 'number?',
  appendDeadlineMs: 'number?',
  memoryMiB: 'number?',
  reservedConcurrency: 'number?',
  thresholds: 'object?',
  logRetentionDays: 'number?',
  mapRetentionDays: 'number?',
  syncTopics: 'flag?',
  replicationFactor: 'replicas?',
  onSourceDelete: 'deletion?',
  onRecreate: 'text?',
  syncGroups: 'flag?',
  followRewinds: 'flag?',
  heartbeats: 'flag?',
}

const POLLERS: Shape<Exclude<Pollers, string>> = {
  minimum: 'number',
  maximum: 'number',
  group: 'text?',
}

const THRESHOLDS: Shape<Thresholds> = {
  standstillMs: 'number?',
  functionErrors: 'number?',
  throttles: 'number?',
  lagSeconds: 'number?',
  lagRecords: 'number?',
  timeToLossMs: 'number?',
}

const DELETION: Shape<Exclude<OnSourceDelete, string>> = { deleteAfterDays: 'number' }

const ACCESS: Shape<LinkAccess> = { principals: 'principals', quotas: 'flag?' }

const PAIR: Shape<PairInput> = { name: 'text?', clusters: 'two' }

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText)
const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every((name) => isText(name) || name instanceof RegExp)
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const IS_KIND: Readonly<Record<Kind, readonly [wanted: string, is: (value: unknown) => boolean]>> = {
  text: ['a text', isText],
  number: ['a number', isNumber],
  flag: ['true or false', (value) => typeof value === 'boolean'],
  texts: ['a list of texts', isTexts],
  names: ['a list of texts and regular expressions', isNames],
  two: ['a list of two texts', (value) => isTexts(value) && value.length === 2],
  object: ['an object', isObject],
  list: ['a list', Array.isArray],
  pollers: ["'on-demand' or { minimum, maximum, group? }", (value) => value === 'on-demand' || isObject(value)],
  replicas: ["'inherit' or a number", (value) => value === 'inherit' || isNumber(value)],
  principals: [
    "an object of texts, { 'User:a': 'User:b' }",
    (value) => isObject(value) && Object.values(value).every(isText),
  ],
  deletion: ["'keep' or { deleteAfterDays }", (value) => value === 'keep' || isObject(value)],
}

const misfits = (path: string, value: unknown, shape: AnyShape): readonly Mistake[] => {
  if (!isObject(value)) return mistakeIf(true, path, 'must be an object', 'write it as { … }')
  const fields = new Map<string, unknown>(Object.entries(value))
  return Object.entries(shape).flatMap(([name, kind]) => {
    const field = fields.get(name)
    if (field === undefined && kind.endsWith('?')) return []
    const [wanted, is] = IS_KIND[kind.replace('?', '') as Kind]
    const missing = field === undefined ? ', and is missing' : ''
    return mistakeIf(!is(field), `${path}.${name}`, `must be ${wanted}${missing}`, `write ${name} as ${wanted}`)
  })
}

const strangers = (path: string, value: unknown, shape: AnyShape): readonly Mistake[] =>
  Object.keys(isObject(value) ? value : {})
    .filter((name) => !(name in shape))
    .map((name) => ({
      path: `${path}.${name}`,
      reason: 'there is no such field',
      remedy: `leave it out; there are ${Object.keys(shape).join(', ')}`,
    }))

interface Part {
  readonly path: string
  readonly value: unknown
  readonly shape: AnyShape
}

/** A part that may be left out, or that is a mistake of the whole when it is no object. */
const optional = (path: string, value: unknown, shape: AnyShape): readonly Part[] =>
  isObject(value) ? [{ path, value, shape }] : []

const topologyParts = (input: TopologyInput): readonly Part[] => [{ path: 'topology', value: input, shape: TOPOLOGY }]

const clusterParts = (path: string, cluster: ClusterInput): readonly Part[] => [
  { path, value: cluster, shape: CLUSTER },
  ...optional(`${path}.login`, cluster?.login, LOGIN),
  ...optional(`${path}.network`, cluster?.network, NETWORK),
]

const linkParts = (path: string, link: LinkInput): readonly Part[] => [
  { path, value: link, shape: LINK },
  ...optional(`${path}.pollers`, link?.pollers, POLLERS),
  ...optional(`${path}.thresholds`, link?.thresholds, THRESHOLDS),
  ...optional(`${path}.onSourceDelete`, link?.onSourceDelete, DELETION),
  ...optional(`${path}.access`, link?.access, ACCESS),
]

const pairParts = (path: string, pair: PairInput): readonly Part[] => [{ path, value: pair, shape: PAIR }]

/** Whether the other checks, and the defaults, can make something of it. */
const isUsable = (parts: readonly Part[]): boolean =>
  parts.every(({ path, value, shape }) => misfits(path, value, shape).length === 0)

export const isUsableTopology = (input: TopologyInput): boolean => isUsable(topologyParts(input))
export const isUsableCluster = (cluster: ClusterInput): boolean => isUsable(clusterParts('', cluster))
export const isUsableLink = (link: LinkInput): boolean => isUsable(linkParts('', link))
export const isUsablePair = (pair: PairInput): boolean => isUsable(pairParts('', pair))

export const checkShape = (input: TopologyInput): readonly Mistake[] => {
  const whole = topologyParts(input)
  const parts = !isUsable(whole)
    ? whole
    : [
        ...whole,
        ...Object.entries(input.clusters).flatMap(([name, cluster]) => clusterParts(`clusters.${name}`, cluster)),
        ...input.links.flatMap((link, index) => linkParts(`links[${index}]`, link)),
        ...(input.pairs ?? []).flatMap((pair, index) => pairParts(`pairs[${index}]`, pair)),
      ]
  return parts.flatMap(({ path, value, shape }) => [...misfits(path, value, shape), ...strangers(path, value, shape)])
}
