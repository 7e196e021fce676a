import { describe, expect, it } from 'vitest'
import { KafkaClusterDisks } from '../../../../../shared/adapters/kafka/kafka-cluster-disks.ts'
import { startDeadline } from '../../../../../shared/adapters/running-deadline.ts'
import type { DisksFacts } from '../../../../../shared/domain/failover/preflight-facts.ts'
import { type ScriptedAnswer, type ScriptedBroker, startScriptedBroker } from '../../../../support/scripted-broker.ts'

const METADATA = 3
const DESCRIBE_LOG_DIRS = 35
const NONE = 0
const CLUSTER_DENIED = 31
const KAFKA_STORAGE_ERROR = 56

const metadata =
  (port: number): ScriptedAnswer =>
  (writer) =>
    writer
      .noTags()
      .int32(0)
      .compactArray([port], () => writer.int32(4).compactString('127.0.0.1').int32(port).nullCompactString().noTags())
      .compactString('the-cluster')
      .int32(4)
      .compactArray([], () => undefined)
      .noTags()

interface SaidDirectory {
  readonly error?: number
  readonly directory: string
  readonly total?: bigint
  readonly usable?: bigint
}

/** DescribeLogDirs v4, with a topic that nobody asked for. */
const logDirs =
  (directories: readonly SaidDirectory[], error = NONE): ScriptedAnswer =>
  (writer) =>
    writer
      .noTags()
      .int32(0)
      .int16(error)
      .compactArray(directories, ({ error: own = NONE, directory, total = -1n, usable = -1n }) => {
        writer.int16(own).compactString(directory)
        writer.compactArray(['orders'], (topic) => {
          writer.compactString(topic).compactArray([0, 1], (partition) => {
            writer.int32(partition).int64(77n).int64(0n).boolean(false).noTags()
          })
          writer.noTags()
        })
        writer.int64(total).int64(usable).noTags()
      })
      .noTags()

const look = async (answer: ScriptedAnswer, { newest = 4, deadlineMs = 20_000 } = {}): Promise<DisksFacts> => {
  const script = (apiKey: number): ScriptedAnswer => {
    if (apiKey === METADATA) return metadata(broker.port)
    return apiKey === DESCRIBE_LOG_DIRS ? answer : undefined
  }
  await using broker: ScriptedBroker = await startScriptedBroker(script, { [DESCRIBE_LOG_DIRS]: newest })
  const access = { cluster: 'paris', bootstrapServers: [broker.address], tls: false, login: { kind: 'none' as const } }
  const secrets = { read: () => Promise.reject(new Error('none needed')) }
  const disks = new KafkaClusterDisks(access, { secrets, side: 'target', timeouts: { questionMs: deadlineMs / 4 } })
  const deadline = startDeadline(deadlineMs)
  try {
    return await disks.describe(deadline)
  } finally {
    deadline.end()
    disks.close()
  }
}

describe('the disks of a cluster', () => {
  it('are told by directory, whatever else a broker tells', async () => {
    const said = [
      { directory: '/one', total: 2n ** 40n, usable: 2n ** 39n },
      { directory: '/two', total: 100n, usable: 0n },
    ]
    expect(await look(logDirs(said))).toEqual({
      disks: [
        { node: 4, directory: '/one', totalBytes: 2 ** 40, usableBytes: 2 ** 39 },
        { node: 4, directory: '/two', totalBytes: 100, usableBytes: 0 },
      ],
      offline: [],
      unmeasured: [],
    })
  })

  it('may be offline, which is told by name', async () => {
    const said = [
      { directory: '/one', total: 9n, usable: 5n },
      { directory: '/two', error: KAFKA_STORAGE_ERROR },
    ]
    expect(await look(logDirs(said))).toMatchObject({ disks: [{ directory: '/one' }], offline: ['/two of broker 4'] })
  })

  it.each([
    ['without volumes', logDirs([{ directory: '/one' }]), 4],
    ['of a broker that is too old', logDirs([{ directory: '/one', total: 9n, usable: 5n }]), 3],
  ] as const)('are not measured %s', async (_what, answer, newest) => {
    expect(await look(answer, { newest })).toEqual({ disks: [], offline: [], unmeasured: [4] })
  })

  it('take a right on the cluster, which an error names', async () => {
    const denied = look(logDirs([], CLUSTER_DENIED))
    await expect(denied).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    await expect(denied).rejects.toThrow('lacks DESCRIBE on Cluster')
  })

  it('are unknown as long as one broker does not answer', async () => {
    const silent = look(undefined, { deadlineMs: 1_000 })
    await expect(silent).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' })
    await expect(silent).rejects.toThrow('broker 4')
  })
})
