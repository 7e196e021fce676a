import { replicatorName } from '../../../shared/domain/link-names.ts'
import type { AwsRequest } from '../../aws/gateway/exchange.ts'
import type { Injection } from '../../aws/gateway/faults.ts'
import type { LocalCluster } from '../../kafka/cluster.ts'
import type { World } from '../../world/world.ts'
import type { WatchedLink } from './watched-world.ts'

const gatewayOf = ({ aws }: World) => {
  if (aws === undefined) throw new Error('breaking a world: it has no AWS')
  return aws.gateway
}

const isInvocationOf =
  (functionName: string) =>
  ({ service, path }: AwsRequest): boolean =>
    service === 'lambda' && path.includes(`/functions/${functionName}/invocations`)

/** Lambda has no room for the function of the link, which falls behind until this is removed. */
export const throttleLink = (world: World, { link }: WatchedLink): Injection =>
  gatewayOf(world).faults.inject({ match: isInvocationOf(replicatorName(link)), fault: 'throttle' })

/** S3 takes nothing of any stranded tail until this is removed. */
export const refuseTails = (world: World): Injection =>
  gatewayOf(world).faults.inject({
    match: ({ service, method, path }) => service === 's3' && method === 'PUT' && path.includes('/tails/'),
    fault: 'drop',
  })

/** A region that is gone, with all processes of its cluster; what these have written stays on their disks. */
export class LostRegion {
  /** By the clock of the clients' ledgers. */
  readonly since = performance.now()
  readonly #cluster: LocalCluster
  readonly #cut: Injection

  private constructor(cluster: LocalCluster, cut: Injection) {
    this.#cluster = cluster
    this.#cut = cut
  }

  /** SIGKILL for each broker, while they are at work. */
  static async lose(world: World, cluster: LocalCluster): Promise<LostRegion> {
    const region = world.local.clusters[cluster.name]?.region
    await Promise.all(cluster.brokers.map((broker) => broker.kill()))
    const cut = gatewayOf(world).faults.inject({ match: (request) => request.region === region, fault: 'drop' })
    return new LostRegion(cluster, cut)
  }

  /** Its AWS is there again. */
  answers(): void {
    this.#cut.remove()
  }

  /** So are its brokers, with all that they had. */
  async starts(): Promise<void> {
    await Promise.all(this.#cluster.brokers.map((broker) => broker.start()))
  }
}

/** What the function of a link answered its pollers. */
export interface PollerAnswers {
  readonly refused: readonly string[]
  readonly taken: number
}

/** Switches the pollers of a link on until its function has answered often enough, and off again. */
export const pollAgain = async (
  world: World,
  { link }: WatchedLink,
  isEnough: (answers: PollerAnswers) => Promise<void>,
): Promise<PollerAnswers> => {
  const { mappings, faults } = gatewayOf(world)
  const functionName = replicatorName(link)
  const [refused, answers] = [[] as string[], { taken: 0 }]
  const listening = faults.inject({
    match: isInvocationOf(functionName),
    fault: async (_request, forward) => {
      const answer = await forward()
      if (answer.headers['x-amz-function-error'] === undefined) answers.taken++
      else refused.push(answer.body.toString())
      return answer
    },
  })
  const become = async (enabled: boolean): Promise<void> => {
    for (const one of mappings.list()) if (one.functionName === functionName) mappings.change(one.uuid, { enabled })
    await mappings.settled()
  }
  const heard = {
    refused,
    get taken() {
      return answers.taken
    },
  }
  try {
    await become(true)
    await isEnough(heard)
  } finally {
    await become(false)
    listening.remove()
  }
  return heard
}
