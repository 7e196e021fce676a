import { describe, expect, it } from 'vitest'
import { KafkaSourceLog } from '../../../../../shared/adapters/kafka/kafka-source-log.ts'
import type { RequestWriter } from '../../../../../shared/adapters/kafka/requests/request-writer.ts'
import { startDeadline } from '../../../../../shared/adapters/running-deadline.ts'
import type { SourcePartition } from '../../../../../shared/usecases/ports.ts'
import { type ScriptedBroker, startScriptedBroker } from '../../../../support/scripted-broker.ts'

const ORDERS = { topic: 'orders', partition: 0 }
const LIST_OFFSETS = 2
const DENIED = 29

interface Says {
  readonly topicId: bigint
  readonly listOffsetsError: number
}

/** Leads partition 0 of `orders`, whose first offset is 5. */
const startLeader = async ({ topicId, listOffsetsError }: Says): Promise<ScriptedBroker> => {
  const leader: ScriptedBroker = await startScriptedBroker((apiKey) =>
    apiKey === LIST_OFFSETS ? offsets(listOffsetsError) : metadata(leader.port, topicId),
  )
  return leader
}

/** Metadata v12. */
const metadata = (port: number, topicId: bigint) => (writer: RequestWriter) =>
  writer
    .noTags()
    .int32(0)
    .compactArray([port], () => writer.int32(0).compactString('127.0.0.1').int32(port).unsignedVarint(0).noTags())
    .unsignedVarint(0)
    .int32(0)
    .compactArray([ORDERS], ({ topic }) => {
      writer.int16(0).compactString(topic).int64(0n).int64(topicId).boolean(false)
      writer.compactArray([ORDERS], ({ partition }) => {
        writer.int16(0).int32(partition).int32(0).int32(0)
        for (let lists = 0; lists < 3; lists++) writer.compactArray([], () => undefined)
        writer.noTags()
      })
      writer.int32(0).noTags()
    })
    .noTags()

/** ListOffsets v7. */
const offsets = (error: number) => (writer: RequestWriter) =>
  writer
    .noTags()
    .int32(0)
    .compactArray([ORDERS], ({ topic, partition }) =>
      writer
        .compactString(topic)
        .compactArray([partition], () => writer.int32(partition).int16(error).int64(-1n).int64(5n).int32(0).noTags())
        .noTags(),
    )
    .noTags()

const describeOrders = async (broker: ScriptedBroker, { deadlineMs = 20_000 } = {}): Promise<SourcePartition> => {
  const access = { cluster: 'paris', bootstrapServers: [broker.address], tls: false, login: { kind: 'none' as const } }
  const log = new KafkaSourceLog(access, { secrets: { read: () => Promise.reject(new Error('none needed')) } })
  const deadline = startDeadline(deadlineMs)
  try {
    return await log.describe(ORDERS, deadline)
  } finally {
    deadline.end()
    log.close()
  }
}

const timesAsked = ({ asked }: ScriptedBroker): number => asked.flat().filter((api) => api === LIST_OFFSETS).length

describe('a partition of the source', () => {
  it('has an incarnation, a first offset and an end', async () => {
    await using leader = await startLeader({ topicId: 1n, listOffsetsError: 0 })
    const incarnation = 'AAAAAAAAAAAAAAAAAAAAAQ'
    expect(await describeOrders(leader)).toEqual({ ...ORDERS, incarnation, logStart: 5n, logEnd: 5n })
  })

  it('is not described by a topic id of zeros, which is no proof of an incarnation', async () => {
    await using leader = await startLeader({ topicId: 0n, listOffsetsError: 0 })
    const because = /^SOURCE_UNREACHABLE: .*no ids; is its inter\.broker\.protocol\.version below 2\.8/
    await expect(describeOrders(leader, { deadlineMs: 1_500 })).rejects.toThrow(because)
    expect(timesAsked(leader)).toBe(0)
  })

  it('that we may not describe is asked for once, for each end of its log', async () => {
    await using leader = await startLeader({ topicId: 1n, listOffsetsError: DENIED })
    await expect(describeOrders(leader)).rejects.toThrow(/^LOGIN_REFUSED: .*may not describe/)
    expect(timesAsked(leader)).toBe(2)
  })
})
