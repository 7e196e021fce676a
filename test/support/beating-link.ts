import { createHandler } from '../../functions/heartbeat/handler.ts'
import { BrokerConnections } from '../../local/check/broker-connections.ts'
import { readLog } from '../../local/check/log-reader.ts'
import { connectHeartbeat, type HeartbeatConnections } from '../../shared/adapters/heartbeat-connections.ts'
import type { ReplicationError } from '../../shared/domain/errors.ts'
import { HEARTBEAT_TOPIC } from '../../shared/domain/heartbeat/beat.ts'
import type { BeatReport } from '../../shared/usecases/heartbeat/beat.ts'
import type { RigCluster } from './rig-cluster.ts'
import type { RigLink } from './rig-link.ts'

/** What of an invocation's time no beat begins in. */
const MARGIN_MS = 3_500

const PLACE = 'arn:aws:lambda:eu-west-1:111122223333:function:twinshore-heartbeat'

export interface SentBeat {
  readonly offset: bigint
  readonly link: string
  readonly clusterId: string
  readonly sequence: number
  readonly at: number
  readonly epoch: number
  readonly timestamp: number
}

/** A link, and functions that beat for it in this process, each with connections of its own like a sandbox of Lambda. */
export class BeatingLink {
  readonly link: RigLink
  readonly failures: ReplicationError[] = []
  readonly #connected: HeartbeatConnections[] = []

  constructor(link: RigLink) {
    this.link = link
  }

  /** One invocation in a new sandbox; `change` is what happens to its connections. */
  beat(
    forMs: number,
    change: (to: HeartbeatConnections) => Partial<HeartbeatConnections> = () => ({}),
  ): Promise<BeatReport> {
    const handler = createHandler({
      connect: (place) => {
        Object.assign(process.env, this.link.environment)
        const connected = connectHeartbeat({ link: this.link.link }, place)
        this.#connected.push(connected)
        return { ...connected, ...change(connected) }
      },
      tell: () => undefined,
      fail: (error) => void this.failures.push(error),
      newOwner: () => `sandbox-${this.#connected.length}`,
    })
    return handler(
      {},
      { awsRequestId: 'request', invokedFunctionArn: PLACE, getRemainingTimeInMillis: () => forMs + MARGIN_MS },
    )
  }

  /** All that was sent, in order. */
  sent(): Promise<readonly SentBeat[]> {
    return beatsOn(this.link.source, HEARTBEAT_TOPIC)
  }

  arrived(): Promise<readonly SentBeat[]> {
    return beatsOn(this.link.target, this.link.targetTopic(HEARTBEAT_TOPIC))
  }

  close(): void {
    for (const one of this.#connected) one.close()
  }
}

const beatsOn = async ({ cluster }: RigCluster, topic: string): Promise<readonly SentBeat[]> => {
  const brokers = new BrokerConnections(cluster)
  const beats: SentBeat[] = []
  try {
    for await (const { batch } of readLog(brokers, { topic, partition: 0 }))
      for (const { offset, timestamp, value } of batch.records)
        beats.push({ ...JSON.parse(`${value}`), offset, timestamp })
    return beats
  } finally {
    await brokers.close()
  }
}
