import type { FenceChoice, PairFailoverInput } from '../../../shared/domain/failover/failover-choice.ts'
import { accessSyncName } from '../../../shared/domain/link-names.ts'
import { type Link, placementOf } from '../../../shared/domain/topology/topology.ts'
import { LoggedFunction } from '../../aws/logged-function.ts'
import { createTopics, type LocalTopic } from '../../kafka/local-topics.ts'
import { eventually } from '../../machine/eventually.ts'
import type { World } from '../../world/world.ts'
import { pairThatFailsOver, type WorldLayout } from '../../world/world-layout.ts'
import { applicationSecret, grantApplication } from '../../world/world-security.ts'
import { AcknowledgedWrites } from './acknowledged-writes.ts'
import { ClientTroubles } from './client-troubles.ts'
import { PairPointer } from './pair-pointer.ts'
import { PairReader } from './pair-reader.ts'
import { obeying, PairWriter, type WritePlace } from './pair-writer.ts'
import { SampledLag } from './sampled-lag.ts'
import type { Figures, Stage } from './scenario.ts'
import { untilInStep, type WatchedLink, type WatchedWorld, watchWorld } from './watched-world.ts'

export const ORDERS = { name: 'orders', partitions: 2 } satisfies LocalTopic
const GROUP = 'shop'
const POINTER = '/shop/active-kafka'
const APPLICATION = 'User:application'
/** A failover waits until no invocation can be running any more: the less an invocation may take, the sooner it goes on. */
const LINK = { topics: [ORDERS.name], batchWindowMs: 0, functionTimeoutMs: 15_000, appendDeadlineMs: 10_000 } as const

const fencesOf = (cluster: string, secure: boolean): readonly FenceChoice[] => {
  const probe = { kind: 'scram-sha-512', secret: applicationSecret(cluster) } as const
  const acl = { kind: 'acl', principals: [APPLICATION], probe } as const
  return [{ kind: 'parameter', name: POINTER }, ...(secure ? [acl] : [])]
}

type FailoverWishes = Pick<PairFailoverInput, 'mayScrape'>

/** Two clusters of which one is active, the other standby, and clients that obey a parameter; where they must, they have to. */
const layoutOf = (secure: boolean, failover: FailoverWishes): WorldLayout => {
  const link = { ...LINK, ...(secure && { access: { principals: { [APPLICATION]: APPLICATION } } }) }
  const fence = { west: fencesOf('west', secure), east: fencesOf('east', secure) }
  const clients = { kind: 'parameter', name: POINTER } as const
  return pairThatFailsOver(link, { fence, clients, stillMs: 2_000, ...failover })
}

/** Before anything is done, and after it, so that both sides have records of their own. */
const SOME_RECORDS = 1_000
const FLOWS_WITHIN_MS = 120_000

/** Producers and a consumer group that never stop, and the pair that serves them. */
export interface Business {
  readonly watched: WatchedWorld
  readonly endpoint: string
  readonly forward: WatchedLink
  readonly back: WatchedLink
  readonly writers: readonly PairWriter[]
  readonly written: AcknowledgedWrites
  readonly pointers: readonly PairPointer[]
  readonly reader: PairReader
  readonly troubles: ClientTroubles
  /** Clusters that nobody is let in to who obeys nobody. */
  readonly closed: Set<string>
}

/** Brings up the pair and its clients, and stops them whatever happens. */
export const runBusiness = async (
  stage: Stage,
  act: (business: Business) => Promise<Figures>,
  failover: FailoverWishes = {},
): Promise<Figures> => {
  const watched = await watchWorld(stage, layoutOf(stage.options.secure, failover))
  const { aws } = watched.world
  const [forward, back] = [watched.link('west-east'), watched.link('east-west')]
  const endpoint = aws?.url ?? ''
  await stage.steps.show('the topic of the active cluster has its replica', async (say) => {
    await createTopics(forward.source, [ORDERS])
    await grantApplication(forward.source, ORDERS.name, GROUP)
    await untilInStep(forward, say)
    await followRights(endpoint, forward.link)
  })
  const clients = { active: 'west', seed: stage.options.seed }
  try {
    return await withClients(stage, { watched, endpoint, forward, back }, clients, act)
  } finally {
    watched.close()
  }
}

type Pair = Pick<Business, 'watched' | 'endpoint' | 'forward' | 'back'>

interface FirstOfClients {
  /** The cluster that is active when they begin. */
  readonly active: string
  /** Other clients write other records. */
  readonly seed: number
}

/** Starts the clients of a pair, and stops them whatever happens. */
export const withClients = async (
  stage: Stage,
  { watched, endpoint, forward, back }: Pair,
  first: FirstOfClients,
  act: (business: Business) => Promise<Figures>,
): Promise<Figures> => {
  const clients = startClients(stage, watched.world, endpoint, first)
  try {
    return await act({ ...clients, watched, endpoint, forward, back })
  } finally {
    const { writers, reader, pointers } = clients
    await Promise.allSettled([...writers.map((writer) => writer.stop()), reader.stop()])
    await Promise.allSettled(pointers.map((pointer) => pointer.close()))
  }
}

/** In either region a producer, which looks there; the group is in the standby's. Where ACLs fence, one obeys nobody. */
const startClients = ({ options }: Stage, world: World, endpoint: string, { active, seed }: FirstOfClients) => {
  const clusters = new Map(
    [...world.clusters].map(([name, cluster]) => [name, { ...cluster, login: cluster.loginOf('application') }]),
  )
  const troubles = new ClientTroubles()
  const regionOf = (name: string): string => world.local.clusters[name]?.region ?? ''
  const [inEast, inWest] = [world.target, world.source].map(
    ({ name }) => new PairPointer({ endpoint, region: regionOf(name), name: POINTER, troubles }, active),
  )
  if (inEast === undefined || inWest === undefined)
    throw new Error('starting the clients of a pair: it has two clusters')
  const closed = new Set<string>()
  const everywhere = (): readonly WritePlace[] =>
    [...clusters.keys()].filter((cluster) => !closed.has(cluster)).map((cluster) => ({ cluster }))
  const ways = [obeying(inEast), obeying(inWest), ...(options.secure ? [everywhere] : [])]
  const written = new AcknowledgedWrites()
  const writers = ways.map(
    (where, at) => new PairWriter({ clusters, where, topic: ORDERS, seed: seed + at, ledger: written, troubles }),
  )
  const reader = new PairReader({ clusters, pointer: inEast, group: GROUP, topic: ORDERS.name, troubles })
  return { pointers: [inEast, inWest], writers, written, reader, troubles, closed }
}

/** As the schedule does it every five minutes, where rights follow. */
export const followRights = async (endpoint: string, link: Link): Promise<void> => {
  if (link.access === undefined) return
  const sync = new LoggedFunction(endpoint, placementOf(link).region, accessSyncName(link))
  try {
    await sync.invoke({})
  } finally {
    sync.close()
  }
}

/** Until so many more records were written and read on a cluster. */
export const untilBusy = async ({ written, reader }: Business, cluster: string): Promise<void> => {
  const [before, readBefore] = [written.on(cluster), reader.on(cluster)]
  const isBusy = (): boolean =>
    written.on(cluster) - before >= SOME_RECORDS && reader.on(cluster) - readBefore >= SOME_RECORDS
  await eventually(`clients to be busy on ${cluster}`, isBusy, { withinMs: FLOWS_WITHIN_MS })
}

/** A preflight wants a sample of the lag that is not old: the schedule sees to that once a minute, and this now. */
export const measureLag = async ({ watched }: Pick<Business, 'watched'>, link: Link): Promise<void> => {
  const sampled = new SampledLag(watched.world, link)
  try {
    await sampled.oneByOne()
    await eventually('a sample of the lag', async () => (await sampled.sample()) ?? (await isRemembered(sampled)), {
      withinMs: FLOWS_WITHIN_MS,
    })
  } finally {
    sampled.close()
  }
}

const isRemembered = async (sampled: SampledLag): Promise<boolean> => {
  const { rememberedAt } = await sampled.status()
  return rememberedAt !== undefined
}
