export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'

/** What the threshold says of one period. */
export type Point = 'breaching' | 'within' | 'missing'

export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching'

export interface Patience {
  /** N of "M out of N". */
  readonly evaluationPeriods: number
  /** M of "M out of N". */
  readonly datapointsToAlarm: number
  readonly treatMissingData: MissingData
}

const breaching = (points: readonly Point[]): number => points.filter((point) => point === 'breaching').length

/**
 * The state of an alarm, decided as in "Configuring how CloudWatch alarms treat missing data" of the CloudWatch User
 * Guide. `points` are those of the evaluation range, which is longer than N, the newest last.
 *
 * As long as the range has N real points, the newest N of them decide, however old they are, and `treatMissingData` says
 * nothing. Otherwise all real points count, and as many missing ones as N still lacks.
 */
export const judge = (points: readonly Point[], patience: Patience, current: AlarmState): AlarmState => {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = patience
  const real = points.filter((point) => point !== 'missing')
  const counted = real.slice(-evaluationPeriods)
  const lacking = evaluationPeriods - counted.length
  const bad = breaching(counted) + (treatMissingData === 'breaching' ? lacking : 0)
  if (bad >= datapointsToAlarm) return 'ALARM'
  if (treatMissingData === 'notBreaching' || treatMissingData === 'breaching' || counted.includes('within')) return 'OK'
  if (treatMissingData === 'ignore') return current
  return isPremature(points, datapointsToAlarm) ? 'INSUFFICIENT_DATA' : 'ALARM'
}

/**
 * Fewer than M points, all breaching: the alarm goes off none the less when the oldest of them is at least M periods old.
 * Until then it waits for the points that may still come ("Avoiding premature transitions to alarm state"). That waiting
 * is INSUFFICIENT_DATA is said by an older edition of the page only; today's says no more than that it is not ALARM.
 */
const isPremature = (points: readonly Point[], datapointsToAlarm: number): boolean => {
  const oldest = points.indexOf('breaching')
  return oldest === -1 || points.length - oldest < datapointsToAlarm
}
