import type { ClusterAccess } from '../../check/broker-connections.ts'
import { readTopic } from '../../check/log-reader.ts'
import { placeOf } from './acknowledged-writes.ts'
import { none } from './checks.ts'
import type { Business } from './running-business.ts'
import type { Figures, Stage } from './scenario.ts'
import type { EndedFailover } from './started-failover.ts'
import { judgeStranded, type LyingRecords, recordText } from './stranded-truth.ts'
import type { Aftermath } from './unplanned-judgement.ts'

/** All that a cluster has of a topic. */
export const lyingRecords = async (access: ClusterAccess, topic: string): Promise<LyingRecords> => {
  const records = new Map<string, { readonly id: string; readonly text: string }>()
  await readTopic(access, topic, (record, partition) => {
    const id = record.key?.toString() ?? ''
    records.set(placeOf({ topic, partition }, record.offset), { id, text: recordText(record) })
    return undefined
  })
  return records
}

/** What east never got, record by record: what the producers and the disk of west say, against what was counted and exported. */
export const judgeTail = async (
  stage: Stage,
  { written }: Business,
  { owed, ended }: Aftermath,
  { old, onNew }: Readonly<{ old: LyingRecords; onNew: ReadonlySet<string> }>,
): Promise<Figures> => {
  const { name } = ended.report.execution
  const exported = await owed.exported(name)
  const verdict = judgeStranded({ old, onNew, acknowledged: written.places('west'), exported })
  const { stranded, acknowledged, lost, missing, foreign, altered } = verdict
  const reportedLost = Number((await owed.counted(name)).records)
  stage.check('acknowledged records that east never got', {
    held: acknowledged > 0,
    measured: acknowledged,
    expected: 'some',
  })
  stage.check('records that east never got, as they were counted at the first contact', {
    held: reportedLost === stranded,
    measured: reportedLost,
    expected: `${stranded}, of which ${acknowledged} were acknowledged`,
  })
  none(stage, 'of these, records that are not in the export', missing)
  none(stage, 'exported records that east has, or that never were', foreign)
  none(stage, 'exported records with another byte than on the disk of west', altered)
  none(stage, 'acknowledged records that are neither on east nor in the export, at their offset', lost)
  judgeForecast(stage, ended, stranded)
  return { lost, reportedLost, stranded, strandedAcknowledged: acknowledged }
}

export const missingFrom = (there: LyingRecords, ids: readonly string[]): number => {
  const known = new Set([...there.values()].map(({ id }) => id))
  return ids.filter((id) => !known.has(id)).length
}

/** The report is written while the source is gone: it knows what the canary knew when it last heard of it. */
const judgeForecast = (stage: Stage, { report: { loss } }: EndedFailover, stranded: number): void =>
  stage.check('records lost, as the report could know them', {
    held: loss.records !== undefined && loss.records > 0 && loss.records <= stranded,
    measured: loss.records ?? 'unknown',
    expected: `some, and ${stranded} at most: as of ${new Date(loss.knownAt ?? 0).toISOString()}`,
  })
