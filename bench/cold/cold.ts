import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startCluster } from '../../local/kafka/cluster.ts'
import type { KafkaAccess } from '../../shared/domain/kafka-access.ts'
import { beginPartitions } from '../begun-partitions.ts'
import { createTopic } from '../bench-cluster.ts'
import type { BenchOptions, BenchPart, Report } from '../bench-part.ts'
import { startDynamoDbLocal } from '../dynamodb-local.ts'
import { BENCH_KAFKA } from '../machine.ts'
import { eventTemplate } from '../produce/kafka-event.ts'
import { SHAPES } from '../produce/record-shape.ts'
import { newReplicator } from '../replicator.ts'
import { bundleReplicator } from '../replicator-bundle.ts'
import { type BigPackage, type Bundles, makeBundles } from './bundles.ts'
import { reportCold } from './cold-report.ts'
import { type ColdStart, coldStart } from './cold-start.ts'
import { startSecretsStub } from './secrets-stub.ts'

const RECORDS = 100
const EVENTS = 2
const ROUNDS = { full: 15, quick: 2 }
const TOPIC = 'cold'
const SECRETS = { login: 'bench/login', authority: 'bench/ca' }

interface EventFiles {
  readonly none: string
  readonly few: string
}

const writeEvents = async (folder: string): Promise<EventFiles> => {
  const [shape] = SHAPES
  if (shape === undefined) throw new RangeError('there is no record shape')
  const template = eventTemplate(shape, TOPIC, 1, RECORDS)
  const few = Array.from({ length: EVENTS }, (_, number) => {
    template.moveTo(number)
    return template.text.toString('utf8')
  })
  const files = { none: join(folder, 'no-events.json'), few: join(folder, 'few-events.json') }
  await writeFile(files.none, '[]')
  await writeFile(files.few, `[${few.join(',')}]`)
  return files
}

/** A secure broker that is source and target at once, secrets and state: all that a cold function meets. */
const surroundings = async (folder: string, resources: AsyncDisposableStack) => {
  const cluster = await startCluster({ name: 'secure', folder, secure: true, version: BENCH_KAFKA })
  resources.defer(() => cluster.stop())
  await createTopic(cluster, TOPIC, 1)
  const { login } = cluster
  if (login.kind === 'none') throw new Error('the secure cluster asks for no login')
  const secrets = await startSecretsStub({
    [SECRETS.login]: { username: login.username, password: login.password },
    [SECRETS.authority]: { certificate: login.ca },
  })
  resources.defer(() => secrets.close())
  const state = await startDynamoDbLocal(folder)
  resources.defer(() => state.stop())
  const access: KafkaAccess = {
    cluster: 'secure',
    bootstrapServers: cluster.bootstrapServers,
    tls: true,
    caSecret: SECRETS.authority,
    login: { kind: login.kind, secret: SECRETS.login },
  }
  return { cluster, state, access, secrets }
}

const runRounds = async (
  rounds: number,
  bundles: Bundles,
  deployed: string,
  events: EventFiles,
  environmentOf: (name: string) => Promise<Readonly<Record<string, string>>>,
) => {
  const whole: ColdStart[] = []
  const timed: ColdStart[] = []
  const packages = new Map<BigPackage, ColdStart[]>()
  const { start, timedCalls } = bundles
  for (let round = 0; round < rounds; round++) {
    whole.push(
      await coldStart({
        start,
        module: deployed,
        events: events.few,
        environment: await environmentOf(`whole-${round}`),
      }),
    )
    timed.push(
      await coldStart({
        start,
        module: timedCalls,
        events: events.few,
        environment: await environmentOf(`timed-${round}`),
      }),
    )
    for (const [name, module] of bundles.packages) {
      const alone = await coldStart({ start, module, events: events.none, environment: {} })
      packages.set(name, [...(packages.get(name) ?? []), alone])
    }
  }
  return { bundles, whole, timed, packages }
}

const run = async ({ folder, quick, say }: BenchOptions): Promise<Report> => {
  say('cold: bundling the function, starting a secure broker and DynamoDB Local')
  await using resources = new AsyncDisposableStack()
  const deployed = await bundleReplicator(folder)
  const bundles = await makeBundles(folder, deployed)
  const { cluster, state, access, secrets } = await surroundings(folder, resources)
  const link = { source: access, target: access, compression: 'zstd', replicaTemplate: '{topic}' } as const
  const environmentOf = async (name: string) => {
    const { environment } = await newReplicator(name, link, deployed, state)
    await beginPartitions(name, [TOPIC], 1, cluster, state)
    return { ...environment, AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint }
  }
  const rounds = quick ? ROUNDS.quick : ROUNDS.full
  say(`cold: ${rounds} starts of each`)
  return reportCold(await runRounds(rounds, bundles, deployed, await writeEvents(folder), environmentOf))
}

export const cold: BenchPart = {
  name: 'cold',
  about: 'A cold start of the bundled function, split into its parts',
  quickSizes: '2 starts of each instead of 15',
  run,
}
