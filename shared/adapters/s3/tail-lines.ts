import { ReplicationError } from '../../domain/errors.ts'
import type { LogHeader, LogRecord } from '../../domain/log-record.ts'
import type { TailObject, TailStretch } from '../../usecases/failover/tail-ports.ts'

/**
 * A record on a line: `{topic, partition, offset, timestamp, key, value, headers: [[name, value]…]}`. All bytes are base64,
 * names of headers too; `null` stays `null`. Offsets are decimal digits, since not every reader of JSON has 64 bits.
 */
export const tailLines = ({ topic, partition, records }: TailStretch): string =>
  records
    .map(({ offset, timestamp, key, value, headers }) =>
      JSON.stringify({
        topic,
        partition,
        offset: offset.toString(),
        timestamp,
        key: base64(key),
        value: base64(value),
        headers: headers.map(({ name, value: bytes }) => [base64(name), base64(bytes)]),
      }),
    )
    .map((line) => `${line}\n`)
    .join('')

/** Throws `TAIL_DAMAGED`, also for records of another place than where they should be. */
export const parseTailLines = (
  text: string,
  place: Omit<TailObject, 'key' | 'incarnation'>,
  doing: string,
): readonly LogRecord[] => {
  let next = place.from
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, at) => {
      const parsed = parseLine(line, `${doing}, line ${at + 1}`)
      const { record } = parsed
      const isElsewhere = parsed.topic !== place.topic || parsed.partition !== place.partition
      if (isElsewhere || record.offset < next || record.offset >= place.to)
        throw new ReplicationError('TAIL_DAMAGED', `${doing}, line ${at + 1}: the record does not belong there`)
      next = record.offset + 1n
      return record
    })
}

const base64 = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')

interface Parsed extends Pick<Line, 'topic' | 'partition'> {
  readonly record: LogRecord
}

const parseLine = (line: string, doing: string): Parsed => {
  try {
    const { topic, partition, offset, timestamp, key, value, headers } = JSON.parse(line) as Line
    const record = {
      offset: BigInt(offset),
      timestamp: Number(timestamp),
      key: bytesOf(key),
      value: bytesOf(value),
      headers: headers.map(
        ([name, bytes]): LogHeader => ({ name: Buffer.from(name, 'base64'), value: bytesOf(bytes) }),
      ),
    }
    return { topic, partition, record }
  } catch (cause) {
    throw new ReplicationError('TAIL_DAMAGED', `${doing}: it is no record`, { cause })
  }
}

interface Line {
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [name: string, value: string | null])[]
}

const bytesOf = (text: string | null): Uint8Array | null => (text === null ? null : Buffer.from(text, 'base64'))
