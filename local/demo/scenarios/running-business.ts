import type { Link } from '../../../shared/domain/topology/topology.ts'
import { createTopics, type LocalTopic } from '../../kafka/local-topics.ts'
import { eventually } from '../../machine/eventually.ts'
import type { WorldLayout } from '../../world/world-layout.ts'
import { AcknowledgedWrites } from './acknowledged-writes.ts'
import { PairPointer } from './pair-pointer.ts'
import { PairReader } from './pair-reader.ts'
import { PairWriter } from './pair-writer.ts'
import { SampledLag } from './sampled-lag.ts'
import type { Figures, Stage } from './scenario.ts'
import { untilInStep, type WatchedLink, type WatchedWorld, watchWorld } from './watched-world.ts'

export const ORDERS = { name: 'orders', partitions: 2 } satisfies LocalTopic
const POINTER = '/shop/active-kafka'
const FENCE = { kind: 'parameter', name: POINTER } as const
/** A failover waits until no invocation can be running any more: the less an invocation may take, the sooner it goes on. */
const LINK = { topics: [ORDERS.name], batchWindowMs: 0, functionTimeoutMs: 15_000, appendDeadlineMs: 10_000 } as const

/** Two clusters of which one is active, the other standby, and clients that obey a parameter. */
const LAYOUT: WorldLayout = {
  clusters: { west: 'us-west-2', east: 'eu-west-1' },
  links: [
    { source: 'west', target: 'east', ...LINK },
    { source: 'east', target: 'west', ...LINK },
  ],
  failover: {
    active: 'west',
    fence: { west: FENCE, east: FENCE },
    clients: { kind: 'parameter', name: POINTER },
    stillMs: 2_000,
  },
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
}

/** Brings up the pair and its clients, and stops them whatever happens. */
export const runBusiness = async (stage: Stage, act: (business: Business) => Promise<Figures>): Promise<Figures> => {
  const watched = await watchWorld(stage, LAYOUT)
  const { aws } = watched.world
  const [forward, back] = [watched.link('west-east'), watched.link('east-west')]
  const endpoint = aws?.url ?? ''
  await stage.steps.show('the topic of the active cluster has its replica', async (say) => {
    await createTopics(forward.source, [ORDERS])
    await untilInStep(forward, say)
  })
  const clients = startClients(watched, endpoint, stage.options.seed)
  try {
    return await act({ ...clients, watched, endpoint, forward, back })
  } finally {
    const { writers, reader, pointers } = clients
    await Promise.allSettled([...writers.map((writer) => writer.stop()), reader.stop()])
    await Promise.allSettled(pointers.map((pointer) => pointer.close()))
    watched.close()
  }
}

/** In either region a producer, which looks there; the group is in the standby's. */
const startClients = ({ world: { clusters, topology } }: WatchedWorld, endpoint: string, seed: number) => {
  const written = new AcknowledgedWrites()
  const regions = topology.links.map(({ target }) => target.region)
  const pointers = regions.map((region) => new PairPointer({ endpoint, region, name: POINTER }, 'west'))
  const writers = pointers.map(
    (pointer, at) => new PairWriter({ clusters, pointer, topic: ORDERS, seed: seed + at, ledger: written }),
  )
  const [pointer] = pointers
  if (pointer === undefined) throw new Error('starting the clients of a pair: the world has no link')
  return {
    pointers,
    writers,
    written,
    reader: new PairReader({ clusters, pointer, group: 'shop', topic: ORDERS.name }),
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
export const measureLag = async ({ watched }: Business, link: Link): Promise<void> => {
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
