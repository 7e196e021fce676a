import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { ReplicationError } from '../../domain/errors.ts'
import { type PartitionId, type PolledRecord, partitionName } from '../../domain/record.ts'
import type { Quarantine, QuarantinedRecord } from '../../usecases/ports.ts'

/** Digits of the largest offset that Kafka has, so that keys sort as offsets do. */
const OFFSET_DIGITS = 19

/**
 * Quarantined records as JSON objects in the link's bucket, bytes in base64 as the poller brought them, under keys that
 * name where they came from: keeping a record again writes the same object.
 */
export const s3Quarantine = (s3: S3Client, bucket: string): Quarantine => ({
  keep: async (partition, incarnation, record, reason) => {
    const key = keyOf(partition, incarnation, record)
    const { topic, partition: number } = partition
    const body: QuarantinedRecord = { topic, partition: number, incarnation, reason, record }
    const doing = `keeping the record at offset ${record.offset} of ${partitionName(partition)} in ${bucket}`
    const put = new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: JSON.stringify(body),
      ContentType: 'application/json',
    })
    await unlessUnreachable(doing, s3.send(put))
    return key
  },
  fetch: async (key) => {
    const doing = `reading ${key} of ${bucket}`
    const { Body } = await unlessUnreachable(doing, s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })))
    const text = await unlessUnreachable(doing, Body?.transformToString() ?? Promise.reject(new Error('it is empty')))
    return JSON.parse(text) as QuarantinedRecord
  },
})

const keyOf = ({ topic, partition }: PartitionId, incarnation: string, { offset }: PolledRecord): string =>
  `${topic}/${partition}/${incarnation}/${String(offset).padStart(OFFSET_DIGITS, '0')}.json`

const unlessUnreachable = async <Result>(doing: string, request: Promise<Result>): Promise<Result> => {
  try {
    return await request
  } catch (cause) {
    throw new ReplicationError('QUARANTINE_UNREACHABLE', doing, { cause })
  }
}
