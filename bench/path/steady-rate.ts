import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '../../local/machine/eventually.ts'
import { createTopic, dropTopic } from '../bench-cluster.ts'
import { type Copier, copyOf } from '../copiers/copier.ts'
import { type Sample, sampleOf } from '../spread.ts'
import type { Course } from './catch-up.ts'
import { AgeReader, now, Pacer } from './pace.ts'

export interface SteadyRate {
  /** From the producer's send to the reader on the target, of each record sent while it was measured. */
  readonly agesMs: Sample
}

export interface Pace {
  readonly recordsPerSecond: number
  /** Goes by after the first record has arrived, so that compilers and connections have settled. */
  readonly settleMs: number
  readonly measureMs: number
}

const FIRST_WITHIN_MS = 180_000
const ARRIVED_WITHIN_MS = 30_000

/** How old records are when they arrive, at an even pace far below what the copier could carry. */
export const runSteadyRate = async (copier: Copier, alias: string, pace: Pace, course: Course): Promise<SteadyRate> => {
  const { source, target, partitions, recordBytes, folder } = course
  const topic = `pace-${alias}`
  const targetTopic = copyOf(alias, topic)
  await using resources = new AsyncDisposableStack()
  await createTopic(source, topic, partitions)
  resources.defer(() => dropTopic(source, topic))
  await createTopic(target, targetTopic, partitions)
  resources.defer(() => dropTopic(target, targetTopic))
  const running = await copier.start({ source, target, topic, targetTopic, alias, folder })
  resources.defer(() => running.stop())
  const reader = await AgeReader.open(target, targetTopic)
  resources.defer(() => reader.close())
  const pacer = Pacer.start(source, topic, { recordsPerSecond: pace.recordsPerSecond, partitions, recordBytes })
  resources.defer(() => pacer.stop())
  await eventually('the first copied record', () => reader.ages.length > 0, { withinMs: FIRST_WITHIN_MS })
  await pause(pace.settleMs)
  const from = now()
  await pause(pace.measureMs)
  const to = now()
  await pacer.stop()
  const measured = (sentAt: number): boolean => sentAt >= from && sentAt < to
  const due = pacer.sentAt.filter(measured).length
  const arrived = () => reader.ages.filter(({ sentAt }) => measured(sentAt))
  await eventually('the last copied record', () => arrived().length >= due, { withinMs: ARRIVED_WITHIN_MS })
  return { agesMs: sampleOf(arrived().map(({ ageMs }) => ageMs)) }
}
