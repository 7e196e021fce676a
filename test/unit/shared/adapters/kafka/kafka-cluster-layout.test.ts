import { describe, expect, it } from 'vitest'
import { KafkaClusterLayout } from '../../../../../shared/adapters/kafka/kafka-cluster-layout.ts'
import type { RequestWriter } from '../../../../../shared/adapters/kafka/requests/request-writer.ts'
import { startDeadline } from '../../../../../shared/adapters/running-deadline.ts'
import type { Layout } from '../../../../../shared/domain/racks/cluster-layout.ts'
import { type ScriptedAnswer, type ScriptedBroker, startScriptedBroker } from '../../../../support/scripted-broker.ts'

const METADATA = 3
const DESCRIBE_QUORUM = 55

const NONE = 0
const LEADER_NOT_AVAILABLE = 5
const DENIED = 29
const CLUSTER_DENIED = 31
const NOT_CONTROLLER = 41

/** Metadata v12: one broker in rack `a`, a partition whose replica on broker 2 is behind, one without a leader, a denied topic. */
const metadata =
  (port: number): ScriptedAnswer =>
  (writer) =>
    writer
      .noTags()
      .int32(0)
      .compactArray([port], () => writer.int32(1).compactString('127.0.0.1').int32(port).compactString('a').noTags())
      .compactString('the-cluster')
      .int32(1)
      .compactArray([NONE, DENIED], (error) => {
        writer.int16(error).compactString(`topic-${error}`).int64(0n).int64(1n).boolean(false)
        writer.compactArray(error === NONE ? [1, -1] : [], (leader) => writePartition(writer, leader))
        writer.int32(0).noTags()
      })
      .noTags()

const writePartition = (writer: RequestWriter, leader: number): void => {
  const inSync = leader < 0 ? [] : [1]
  writer.int16(leader < 0 ? LEADER_NOT_AVAILABLE : NONE)
  writer.int32(leader < 0 ? 1 : 0).int32(leader)
  writer.int32(0) // epoch
  for (const nodes of [[1, 2], inSync, [2]]) writer.compactArray(nodes, (node) => writer.int32(node))
  writer.noTags()
}

const NOW = 1_790_000_000_000n

interface SaidVoter {
  readonly node: number
  readonly lastFetchAt: bigint
}

/** Broker 1 leads; 2 asked a moment ago, 3 a while ago, 4 never since 1 leads. */
const VOTERS: readonly SaidVoter[] = [
  { node: 1, lastFetchAt: NOW },
  { node: 2, lastFetchAt: NOW - 400n },
  { node: 3, lastFetchAt: NOW - 5_001n },
  { node: 4, lastFetchAt: -1n },
]

const quorum =
  (version: number, error = NONE): ScriptedAnswer =>
  (writer) => {
    const words = (): void => {
      if (version >= 2) writer.nullCompactString()
    }
    const voter = ({ node, lastFetchAt }: SaidVoter): void => {
      writer.int32(node)
      if (version >= 2) writer.noUuid()
      writer.int64(7n)
      if (version >= 1) writer.int64(lastFetchAt).int64(lastFetchAt)
      writer.noTags()
    }
    writer.noTags().int16(error)
    words()
    writer.compactArray(error === NONE ? ['__cluster_metadata'] : [], (topic) => {
      writer.compactString(topic).compactArray([0], (partition) => {
        writer.int32(partition).int16(NONE)
        words()
        writer.int32(1).int32(9).int64(7n)
        writer
          .compactArray(VOTERS, voter)
          .compactArray([{ node: 8, lastFetchAt: NOW }], voter)
          .noTags()
      })
      writer.noTags()
    })
    if (version >= 2) writer.compactArray([], () => undefined)
    writer.noTags()
  }

/** Answers the question for the quorum with one answer after the other, the last again and again. */
const look = async (
  answers: readonly ScriptedAnswer[],
  { newest = 2, deadlineMs = 20_000, questionMs = 20_000 } = {},
): Promise<{ layout: Layout; asked: number }> => {
  let asked = 0
  const answer = (apiKey: number): ScriptedAnswer => {
    if (apiKey === METADATA) return metadata(broker.port)
    return apiKey === DESCRIBE_QUORUM ? answers[Math.min(asked++, answers.length - 1)] : undefined
  }
  await using broker: ScriptedBroker = await startScriptedBroker(answer, { [DESCRIBE_QUORUM]: newest })
  const access = { cluster: 'paris', bootstrapServers: [broker.address], tls: false, login: { kind: 'none' as const } }
  const secrets = { read: () => Promise.reject(new Error('none needed')) }
  const cluster = new KafkaClusterLayout(access, { secrets, side: 'source', timeouts: { questionMs } })
  const deadline = startDeadline(deadlineMs)
  try {
    return { layout: await cluster.describe(deadline), asked }
  } finally {
    deadline.end()
    cluster.close()
  }
}

const following = ({ quorum: told }: Layout) =>
  told.kind === 'told' ? told.voters.filter(({ follows }) => follows).map(({ node }) => node) : told.because

describe('where a cluster has its replicas', () => {
  it('is told of every partition, and of topics that are not described, why', async () => {
    const { layout } = await look([quorum(2)])
    expect(layout).toMatchObject({
      brokers: [{ node: 1, rack: 'a' }],
      partitions: [
        { topic: 'topic-0', partition: 0, leader: 1, replicas: [1, 2], inSync: [1] },
        { topic: 'topic-0', partition: 1, replicas: [1, 2], inSync: [] },
      ],
      undescribed: ['paris does not describe topic-29: TOPIC_AUTHORIZATION_FAILED'],
    })
    expect(layout.partitions[1]).not.toHaveProperty('leader')
  })
})

describe('the quorum of a cluster', () => {
  it.each([
    [2, [1, 2]],
    [1, [1, 2]],
    [0, [1, 2, 3, 4]],
  ])('is read in version %i of its request, with those that follow as far as that is told', async (version, follow) => {
    const { layout } = await look([quorum(version)], { newest: version })
    expect(layout.quorum).toMatchObject({ kind: 'told', voters: [{ node: 1 }, { node: 2 }, { node: 3 }, { node: 4 }] })
    expect(following(layout)).toEqual(follow)
  })

  it('is asked for again while it elects', async () => {
    const { layout, asked } = await look([quorum(2, NOT_CONTROLLER), 'hangs up', quorum(2)])
    expect([following(layout), asked]).toEqual([[1, 2], 3])
  })

  it('is not told by clusters that do not know the request', async () => {
    const { layout, asked } = await look([], { newest: -1 })
    expect([following(layout), asked]).toEqual([expect.stringContaining('ZooKeeper'), 0])
  })

  it('is not told to who may not ask, and that is what is said', async () => {
    const { layout } = await look([quorum(2, CLUSTER_DENIED)])
    expect(following(layout)).toBe(
      'User:ANONYMOUS lacks DESCRIBE on Cluster `kafka-cluster` (with IAM: kafka-cluster:DescribeCluster)',
    )
  })

  it('hides nothing else when it is lost', async () => {
    const { layout } = await look([undefined], { deadlineMs: 3_000, questionMs: 200 })
    expect(following(layout)).toMatch(/^the controllers do not answer: no answer to DescribeQuorum/)
    expect(layout.partitions).toHaveLength(2)
  })
})
