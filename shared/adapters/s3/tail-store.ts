import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { ReplicationError } from '../../domain/errors.ts'
import type { TailObject, TailStore, TailStretch } from '../../usecases/failover/tail-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { parseTailLines, tailLines } from './tail-lines.ts'

/** Digits of the largest offset that Kafka has, and of the largest partition number, so that keys sort as they do. */
const OFFSET_DIGITS = 19
const PARTITION_DIGITS = 10
const KEY = /^tails\/[^/]+\/([^/]+)\/(\d{10})\/([^/]+)\/(\d{19})-(\d{19})\.ndjson\.gz$/

const prefixOf = (execution: string): string => `tails/${execution}/`

/** Stretches as lines of JSON, packed by gzip, under keys that name where they lie in the log. */
export const s3TailStore = (s3: S3Client, bucket: string): TailStore => ({
  place: (execution) => `s3://${bucket}/${prefixOf(execution)}`,
  keep: (execution, stretch, deadline) => keep(s3, bucket, { execution, stretch }, deadline),
  objects: (execution, deadline) => objects(s3, bucket, execution, deadline),
  fetch: (object, deadline) => fetch(s3, bucket, object, deadline),
})

const keyOf = (execution: string, { topic, partition, incarnation, from, to }: TailStretch): string => {
  const place = `${topic}/${String(partition).padStart(PARTITION_DIGITS, '0')}/${incarnation}`
  const [first, next] = [from, to].map((offset) => offset.toString().padStart(OFFSET_DIGITS, '0'))
  return `${prefixOf(execution)}${place}/${first}-${next}.ndjson.gz`
}

const keep = async (
  s3: S3Client,
  Bucket: string,
  { execution, stretch }: { readonly execution: string; readonly stretch: TailStretch },
  { signal }: Deadline,
): Promise<void> => {
  const Key = keyOf(execution, stretch)
  const Body = await promisify(gzip)(tailLines(stretch))
  const put = new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/x-ndjson', ContentEncoding: 'gzip' })
  await unlessUnreachable(`keeping ${Key} in ${Bucket}`, s3.send(put, { abortSignal: signal }))
}

async function* objects(
  s3: S3Client,
  Bucket: string,
  execution: string,
  { signal }: Deadline,
): AsyncGenerator<TailObject> {
  let token: string | undefined
  do {
    const page = new ListObjectsV2Command({
      Bucket,
      Prefix: prefixOf(execution),
      ...(token !== undefined && { ContinuationToken: token }),
    })
    const listed = s3.send(page, { abortSignal: signal })
    const { Contents, NextContinuationToken } = await unlessUnreachable(
      `listing ${prefixOf(execution)} of ${Bucket}`,
      listed,
    )
    for (const { Key = '' } of Contents ?? []) yield* objectOf(Key)
    token = NextContinuationToken
  } while (token !== undefined)
}

/** What somebody else has put there is none of ours. */
const objectOf = (key: string): readonly TailObject[] => {
  const [, topic, partition, incarnation, from, to] = KEY.exec(key) ?? []
  if (topic === undefined || incarnation === undefined || from === undefined || to === undefined) return []
  return [{ key, topic, partition: Number(partition), incarnation, from: BigInt(from), to: BigInt(to) }]
}

const fetch = async (
  s3: S3Client,
  Bucket: string,
  { key, ...place }: TailObject,
  { signal }: Deadline,
): Promise<TailStretch> => {
  const doing = `reading ${key} of ${Bucket}`
  const got = s3.send(new GetObjectCommand({ Bucket, Key: key }), { abortSignal: signal })
  const { Body } = await unlessUnreachable(doing, got)
  const packed = await unlessUnreachable(
    doing,
    Body?.transformToByteArray() ?? Promise.reject(new Error('it is empty')),
  )
  return { ...place, records: parseTailLines(await unpacked(packed, doing), place, doing), gone: false }
}

const unpacked = async (packed: Uint8Array, doing: string): Promise<string> => {
  try {
    return (await promisify(gunzip)(packed)).toString()
  } catch (cause) {
    throw new ReplicationError('TAIL_DAMAGED', `${doing}: it is not packed by gzip`, { cause })
  }
}

const unlessUnreachable = async <Result>(doing: string, request: Promise<Result>): Promise<Result> => {
  try {
    return await request
  } catch (cause) {
    throw new ReplicationError('TAIL_UNREACHABLE', doing, { cause })
  }
}
