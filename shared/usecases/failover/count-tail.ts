import { isCounted, type TailPart } from '../../domain/failover/stranded-tail.ts'
import type { LogRecord } from '../../domain/log-record.ts'
import type { Deadline } from '../ports.ts'
import { type StrandedDeps, strandedStretches } from './stranded-stretches.ts'
import type { TailLedger } from './tail-ports.ts'

export interface CountTailDeps extends StrandedDeps {
  readonly ledger: TailLedger
}

/** Reads what was not counted yet, and remembers how far it came after every piece. */
export const countTail = async (
  execution: string,
  parts: readonly TailPart[],
  deadline: Deadline,
  deps: CountTailDeps,
): Promise<readonly TailPart[]> => {
  const counted: TailPart[] = []
  for (const part of parts) counted.push(isCounted(part) ? part : await countPart(execution, part, deadline, deps))
  return counted
}

const countPart = async (
  execution: string,
  part: TailPart,
  deadline: Deadline,
  deps: CountTailDeps,
): Promise<TailPart> => {
  let now = part
  for await (const { from, to, records, gone } of strandedStretches(part, part.counted.to, deadline, deps)) {
    const counted = {
      to,
      records: now.counted.records + BigInt(records.length),
      bytes: records.reduce((sum, record) => sum + BigInt(bytesOf(record)), now.counted.bytes),
    }
    now = { ...now, counted, gone: now.gone + (gone ? to - from : 0n) }
    await deps.ledger.save(execution, now, deadline)
  }
  return now
}

/** Of what applications wrote. */
const bytesOf = ({ key, value, headers }: LogRecord): number =>
  headers.reduce(
    (sum, header) => sum + header.name.length + (header.value?.length ?? 0),
    (key?.length ?? 0) + (value?.length ?? 0),
  )
