import type { Head } from './head.ts'
import type { LogRecord } from './log-record.ts'
import { isReplicated, targetEnd } from './run.ts'

/** Where the newest record that a link brought lies on either side. */
export interface LastCopy {
  readonly source: bigint
  readonly target: bigint
}

/** `undefined`: the head remembers no record that went to the target. */
export const lastCopyOf = ({ openRuns }: Pick<Head, 'openRuns'>): LastCopy | undefined => {
  const run = openRuns.findLast(isReplicated)
  return run && { source: run.source + run.length - 1n, target: targetEnd(run) - 1n }
}

type Content = Pick<LogRecord, 'key' | 'value'>

/** Headers and the timestamp are not those of the source on every link. */
export const hasSameContent = (one: Content, other: Content): boolean =>
  isSame(one.key, other.key) && isSame(one.value, other.value)

const isSame = (one: Uint8Array | null, other: Uint8Array | null): boolean =>
  one === null || other === null ? one === other : Buffer.compare(one, other) === 0
