import { compressionsAlgorithmsByBitmask } from '@platformatic/kafka'

/** A record batch (magic 2) as it lies in the log; `body` is still compressed. */
export interface FetchedBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly codec: number
  readonly transactional: boolean
  readonly control: boolean
  /** Kafka's broker stamped the records: all carry `maxTimestamp`. */
  readonly logAppendTime: boolean
  readonly baseTimestamp: bigint
  readonly maxTimestamp: bigint
  readonly producerId: bigint
  readonly count: number
  readonly body: Buffer
}

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

const HEADER_BYTES = 61
const LENGTH_END = 12

const readBatch = (bytes: Buffer, at: number, end: number): FetchedBatch => {
  const magic = bytes.readInt8(at + 16)
  const baseOffset = Number(bytes.readBigInt64BE(at))
  if (magic !== 2) {
    throw new Error(`reading the batch at offset ${baseOffset}: message format ${magic}, only 2 is known`)
  }
  const attributes = bytes.readInt16BE(at + 21)
  return {
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(at + 23),
    codec: attributes & 7,
    logAppendTime: (attributes & 8) !== 0,
    transactional: (attributes & 16) !== 0,
    control: (attributes & 32) !== 0,
    baseTimestamp: bytes.readBigInt64BE(at + 27),
    maxTimestamp: bytes.readBigInt64BE(at + 35),
    producerId: bytes.readBigInt64BE(at + 43),
    count: bytes.readInt32BE(at + 57),
    body: bytes.subarray(at + HEADER_BYTES, end),
  }
}

/** The whole batches of one partition's share of a fetch; a broker may cut the last one off. */
export const fetchedBatches = (bytes: Buffer): FetchedBatch[] => {
  const batches: FetchedBatch[] = []
  let at = 0
  while (at + HEADER_BYTES <= bytes.length) {
    const end = at + LENGTH_END + bytes.readInt32BE(at + 8)
    if (end > bytes.length) break
    batches.push(readBatch(bytes, at, end))
    at = end
  }
  return batches
}

/** A control batch holds one record whose key is version and type; type 0 ends a transaction by abort. */
const abortsItsTransaction = ({ body }: FetchedBatch): boolean => {
  let at = 0
  const skipVarint = (): void => {
    while (((body[at++] ?? 0) & 0x80) !== 0);
  }
  skipVarint()
  at += 1
  for (let varint = 0; varint < 3; varint++) skipVarint()
  return body.readInt16BE(at + 2) === 0
}

/**
 * The batches with records for readers: without markers, and without those of aborted transactions. A broker names the
 * aborted transactions only to who reads committed; with none named every record is visible, as when reading
 * uncommitted. One producer can have aborted several transactions, so a marker ends one of them, not all.
 */
export const visibleBatches = (
  batches: readonly FetchedBatch[],
  aborted: readonly AbortedTransaction[],
): FetchedBatch[] => {
  const upcoming = aborted.toSorted((a, b) => Number(a.firstOffset - b.firstOffset))
  const aborting = new Set<bigint>()
  return batches.filter((batch) => {
    while (upcoming[0] !== undefined && upcoming[0].firstOffset <= BigInt(batch.lastOffset)) {
      aborting.add(upcoming[0].producerId)
      upcoming.shift()
    }
    if (batch.control) {
      if (abortsItsTransaction(batch)) aborting.delete(batch.producerId)
      return false
    }
    return !(batch.transactional && aborting.has(batch.producerId))
  })
}

/** The bytes of the batch's records. */
export const recordBytes = ({ codec, body, baseOffset }: FetchedBatch): Buffer => {
  if (codec === 0) return body
  const algorithm = compressionsAlgorithmsByBitmask[codec]
  if (algorithm === undefined) {
    throw new Error(`reading the batch at offset ${baseOffset}: codec ${codec} is unknown`)
  }
  return algorithm.decompressSync(body)
}
