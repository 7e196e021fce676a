import { describe, expect, it } from 'vitest'
import { findCoordinatorsRequest } from '../../../../../shared/adapters/kafka/find-coordinators-request.ts'
import { groupOffsetsRequest } from '../../../../../shared/adapters/kafka/group-offsets-request.ts'
import { listGroupsRequest } from '../../../../../shared/adapters/kafka/list-groups-request.ts'
import { RequestWriter } from '../../../../../shared/adapters/kafka/request-writer.ts'
import { ResponseReader } from '../../../../../shared/adapters/kafka/response-reader.ts'

const written = (write: (writer: RequestWriter) => unknown): Buffer => {
  const writer = new RequestWriter()
  write(writer)
  return Buffer.concat(writer.take())
}

const answer = (write: (writer: RequestWriter) => unknown): ResponseReader => new ResponseReader(written(write))

type Commit = readonly [partition: number, offset: bigint, epoch: number, metadata: string, error: number]

const commits = (writer: RequestWriter, partitions: readonly Commit[]) =>
  writer.compactArray(partitions, ([partition, offset, epoch, metadata, error]) =>
    writer.int32(partition).int64(offset).int32(epoch).compactString(metadata).int16(error).noTags(),
  )

describe('the offsets of many groups', () => {
  it('are asked in one request, for all topics, and stable only', () => {
    expect(written((writer) => groupOffsetsRequest(['a', 'b']).write(writer)).toString('hex')).toBe(
      '03' + '0261' + '0000' + '0262' + '0000' + '01' + '00',
    )
  })

  it('tell absence from zero, carry epoch and note, and keep errors where they belong', () => {
    const reader = answer((writer) => {
      writer.int32(0).compactArray(['good', 'hidden'], (group) => {
        writer.compactString(group)
        writer.compactArray(group === 'good' ? ['orders'] : [], (topic) => {
          writer.compactString(topic)
          commits(writer, [
            [0, 0n, 7, 'note', 0],
            [1, -1n, -1, '', 0],
            [2, -1n, -1, '', 88],
          ]).noTags()
        })
        writer.int16(group === 'good' ? 0 : 30).noTags()
      })
    })
    expect(groupOffsetsRequest(['good', 'hidden']).read(reader)).toEqual([
      {
        group: 'good',
        error: 0,
        partitions: [
          { topic: 'orders', partition: 0, error: 0, committed: { offset: 0n, leaderEpoch: 7, metadata: 'note' } },
          { topic: 'orders', partition: 1, error: 0, committed: undefined },
          { topic: 'orders', partition: 2, error: 88, committed: undefined },
        ],
      },
      { group: 'hidden', error: 30, partitions: [] },
    ])
  })
})

describe('the list of groups', () => {
  it('tells kinds apart, also one that is not known yet', () => {
    const reader = answer((writer) => {
      writer
        .int32(0)
        .int16(0)
        .compactArray(['Classic', 'Consumer', 'Share', 'Streams'], (kind) =>
          writer.compactString(`g-${kind}`).compactString('').compactString('Empty').compactString(kind).noTags(),
        )
    })
    expect(
      listGroupsRequest()
        .read(reader)
        .groups.map(({ kind }) => kind),
    ).toEqual(['classic', 'consumer', 'share', 'other'])
  })
})

describe('the coordinators of many groups', () => {
  it('are found in one request, and one that is not found spoils no other', () => {
    expect(written((writer) => findCoordinatorsRequest(['a', 'b']).write(writer)).toString('hex')).toBe(
      '000302610262' + '00',
    )
    const reader = answer((writer) => {
      writer
        .int32(0)
        .compactArray([0, 15], (error) =>
          writer
            .compactString(`g${error}`)
            .int32(2)
            .compactString('host')
            .int32(9092)
            .int16(error)
            .compactString('')
            .noTags(),
        )
    })
    expect([...findCoordinatorsRequest(['g0', 'g15']).read(reader)]).toEqual([
      ['g0', { error: 0, node: 2, host: 'host', port: 9092 }],
      ['g15', { error: 15, node: 2, host: 'host', port: 9092 }],
    ])
  })
})
