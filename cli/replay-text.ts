import type { Replay, ReplayReport, Trouble } from '../shared/usecases/replication/quarantined-records.ts'
import { table, toJson } from './terminal.ts'

const readable = <Entry extends Replay | Trouble>(entry: Entry) =>
  'error' in entry ? { ...entry, error: { code: entry.error.code, message: entry.error.message } } : entry

const outcome = (replay: Replay): string => {
  switch (replay.kind) {
    case 'waiting':
      return 'waiting'
    case 'replayed':
      return `replayed at target offset ${replay.target}`
    case 'forgotten':
      return `replayed at target offset ${replay.target}; its entry in the ledger ran out meanwhile`
    case 'replicated':
      return `replicated in the meantime, at target offset ${replay.target}`
    case 'replayed-before':
      return `replayed before, ${new Date(replay.at).toISOString()}`
    case 'failed':
      return `failed: ${replay.error.message}`
  }
}

export const isWell = ({ replays, troubles }: ReplayReport): boolean =>
  troubles.length === 0 && replays.every(({ kind }) => kind !== 'failed')

/** A partition that was not looked through is an entry as well, without the source offset of a record. */
export const replaysInJson = ({ replays, troubles }: ReplayReport): string =>
  toJson([...replays.map(readable), ...troubles.map((trouble) => ({ ...readable(trouble), kind: 'failed' }))])

export const describeReplays = ({ replays, troubles }: ReplayReport): string =>
  replays.length + troubles.length === 0
    ? 'no quarantined records'
    : table([
        ['topic', 'partition', 'source offset', 'outcome', 'refused because'],
        ...replays.map((one) => [one.topic, `${one.partition}`, `${one.source}`, outcome(one), one.reason]),
        ...troubles.map(({ topic, partition, error }) => [
          ...[topic, `${partition}`, ''],
          `failed, not looked through to its end: ${error.message}`,
        ]),
      ])
