import { ReplicationError } from '../../domain/errors.ts'
import type { LogHeader, LogRecord } from '../../domain/log-record.ts'
import type { TailStretch } from '../../usecases/failover/tail-ports.ts'

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

/** Throws `STATE_MALFORMED`. */
export const parseTailLines = (text: string, doing: string): readonly LogRecord[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, at) => parseLine(line, `${doing}, line ${at + 1}`))

const base64 = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')

const parseLine = (line: string, doing: string): LogRecord => {
  try {
    const { offset, timestamp, key, value, headers } = JSON.parse(line) as Line
    return {
      offset: BigInt(offset),
      timestamp: Number(timestamp),
      key: bytesOf(key),
      value: bytesOf(value),
      headers: headers.map(
        ([name, bytes]): LogHeader => ({ name: Buffer.from(name, 'base64'), value: bytesOf(bytes) }),
      ),
    }
  } catch (cause) {
    throw new ReplicationError('STATE_MALFORMED', `${doing}: it is no record`, { cause })
  }
}

interface Line {
  readonly offset: string
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [name: string, value: string | null])[]
}

const bytesOf = (text: string | null): Uint8Array | null => (text === null ? null : Buffer.from(text, 'base64'))
