import { crc32c } from '../crc32c.ts'
import { RecordBatchEncoder } from '../record-batch.ts'

/** Offsets in a record batch of format 2, https://kafka.apache.org/documentation/#recordbatch */
const CRC_AT = 17
const ATTRIBUTES_AT = 21
const CONTROL_ATTRIBUTE = 0x20

const NOBODY = { producerId: -1n, producerEpoch: -1, sequence: -1 }
const EMPTY_RECORD = { offset: 0, timestamp: 0, key: null, value: null, headers: [] }

/**
 * A record batch that no broker appends, for two reasons: its checksum is certainly wrong, and it claims to be a marker of
 * a transaction, which brokers take from each other only. Whether the sender may write at all they look at before either.
 */
export const unwritableBatch = (): Uint8Array => {
  const encoder = new RecordBatchEncoder([EMPTY_RECORD], { codec: 'none', compress: (bytes) => bytes })
  const { bytes } = encoder.encode({ first: 0, atMost: 1, limitBytes: 1_024 }, NOBODY)
  const batch = Buffer.from(bytes)
  batch.writeInt16BE(CONTROL_ATTRIBUTE, ATTRIBUTES_AT)
  batch.writeUInt32BE(~crc32c(batch, ATTRIBUTES_AT, batch.length) >>> 0, CRC_AT)
  return batch
}
