import type { LogRecord } from '../../check/record-batch-reader.ts'

/** By where they lie, as `placeOf` names it: the id by which applications know a record, and all of it as a text. */
export type LyingRecords = ReadonlyMap<string, { readonly id: string; readonly text: string }>

export const recordText = ({ timestamp, key, value, headers }: LogRecord): string => {
  const named = headers.map((header) => [base64(Buffer.from(header.name)), base64(header.value)])
  return JSON.stringify([timestamp, base64(key), base64(value), named])
}

const base64 = (bytes: Buffer | null): string | null => bytes?.toString('base64') ?? null

export interface StrandedFacts {
  /** All that lies on the old active cluster, whoever has read it there. */
  readonly old: LyingRecords
  /** The ids of all that lies on the new one. */
  readonly onNew: ReadonlySet<string>
  /** By id, where the old cluster has acknowledged a record to its producer. */
  readonly acknowledged: ReadonlyMap<string, string>
  readonly exported: LyingRecords
}

export interface StrandedVerdict {
  /** Records that the old cluster has and the new one never got. */
  readonly stranded: number
  /** Those of them that somebody was told of; the others were under way when the cluster died. */
  readonly acknowledged: number
  /** Acknowledged, not on the new cluster, and not in the export at the place that was acknowledged. */
  readonly lost: number
  /** Stranded, and not in the export. */
  readonly missing: number
  /** In the export, and not stranded. */
  readonly foreign: number
  /** In the export with any other byte. */
  readonly altered: number
}

/** What was exported of an old active cluster, against what is true of every single record. */
export const judgeStranded = ({ old, onNew, acknowledged, exported }: StrandedFacts): StrandedVerdict => {
  const stranded = new Map([...old].filter(([, { id }]) => !onNew.has(id)))
  const given = [...acknowledged].filter(([id]) => !onNew.has(id))
  const kept = [...exported].filter(([place]) => stranded.has(place))
  return {
    stranded: stranded.size,
    acknowledged: given.length,
    lost: given.filter(([id, place]) => exported.get(place)?.id !== id).length,
    missing: stranded.size - kept.length,
    foreign: exported.size - kept.length,
    altered: kept.filter(([place, { text }]) => stranded.get(place)?.text !== text).length,
  }
}
