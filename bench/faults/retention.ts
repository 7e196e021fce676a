import { readFile } from 'node:fs/promises'
import { Admin } from '@platformatic/kafka'
import type { PartitionLog } from '../../local/check/partition-log.ts'
import type { Verdict } from '../../local/check/verdict.ts'
import { clientOptions } from '../../local/kafka/local-topics.ts'
import { mirrorMakerLog } from '../copiers/mirror-maker.ts'
import type { RunFault } from './fault.ts'
import { type Contender, type FaultCourse, Trial } from './fault-course.ts'

const PARTITIONS = 3
const SIZE_BYTES = 200
/** Written and copied, then written while nobody copies, of which retention takes so many. */
const COPIED = 6_000
const MORE = 6_000
const TAKEN = 3_600

interface Taken {
  readonly name: string
  readonly verdict: Verdict
  /** Offsets that the gap ledger names as lost. */
  readonly named: number
  /** Whether it names exactly what is missing, per partition. */
  readonly exact: boolean
}

const shareOf = (records: number): bigint => BigInt(records / PARTITIONS)

/** As retention does it: the logs begin later from now on. */
const deleteBelow = async ({ source }: FaultCourse, topic: string, offset: bigint): Promise<void> => {
  const admin = new Admin(clientOptions(source))
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, offset }))
  await admin.deleteRecords({ topics: [{ name: topic, partitions }] })
  await admin.close()
}

const nameLost = async (trial: Trial, sources: readonly PartitionLog[]): Promise<{ named: number; exact: boolean }> => {
  const [from, to] = [shareOf(COPIED), shareOf(COPIED) + shareOf(TAKEN)]
  const ledgers = await Promise.all(sources.map(({ partition }) => trial.gaps(partition)))
  const lost = ledgers.map((gaps) => gaps.filter(({ kind }) => kind === 'lost'))
  return {
    named: lost.flat().reduce((sum, gap) => sum + Number(gap.to - gap.from), 0),
    exact: lost.every(([gap, ...others]) => gap?.from === from && gap.to === to && others.length === 0),
  }
}

const loseToRetention = async (contender: Contender, alias: string, course: FaultCourse): Promise<Taken> => {
  const trial = await Trial.open(contender, alias, PARTITIONS, course)
  await trial.write(COPIED, SIZE_BYTES)
  const first = await trial.start()
  await trial.untilQuiet(COPIED)
  await first.stop()
  await trial.write(MORE, SIZE_BYTES)
  const sources = await trial.sourceLogs()
  await deleteBelow(course, trial.topic, shareOf(COPIED) + shareOf(TAKEN))
  const second = await trial.start()
  try {
    await trial.untilQuiet(COPIED + MORE - TAKEN)
  } finally {
    await second.stop()
  }
  const verdict = await trial.judge(sources, 'uncommitted')
  const ledger = await nameLost(trial, sources)
  await trial.close()
  course.say(`faults: ${contender.copier.name} lost ${verdict.lost} silently, named ${ledger.named}`)
  return { name: contender.copier.name, verdict, ...ledger }
}

/** The loudest line of MirrorMaker's log that is about it. */
const theirWords = async (course: FaultCourse, alias: string): Promise<string> => {
  const lines = (await readFile(mirrorMakerLog({ folder: course.folder, alias }), 'utf8')).split('\n')
  const about = lines.filter((line) => /out of range|resetting offset/i.test(line))
  const levels = new Set(about.map((line) => / (ERROR|WARN|INFO|DEBUG) /.exec(line)?.[1] ?? 'unknown'))
  return about.length === 0
    ? 'MirrorMaker logged nothing about it'
    : `MirrorMaker logged it as ${[...levels].join(' and ')}`
}

export const retention: RunFault = async ({ twinshore, mirrorMaker }, course) => {
  const theirs = await loseToRetention(mirrorMaker, 'retentiontheirs', course)
  const words = await theirWords(course, 'retentiontheirs')
  const ours = await loseToRetention(twinshore, 'retentionours', course)
  const count = (number: number): string => number.toLocaleString('en-US')
  return {
    table: {
      title: `Source records deleted by retention while the copier was down: ${count(TAKEN)} of ${count(COPIED + MORE)}`,
      columns: ['copier', 'lost silently', 'named in a gap ledger', 'exact bounds', 'written twice'],
      rows: [ours, theirs].map(({ name, verdict, named, exact }) => [
        name,
        count(verdict.lost),
        count(named),
        exact ? 'yes' : 'no',
        count(verdict.duplicates.explained + verdict.duplicates.unexplained),
      ]),
    },
    targets: [
      {
        what: 'retention: lost silently',
        wanted: 'none',
        measured: count(ours.verdict.lost),
        held: ours.verdict.lost === 0,
      },
      {
        what: 'retention: a gap of kind `lost` a partition, with exact bounds',
        wanted: `${count(TAKEN)} offsets`,
        measured: count(ours.named),
        held: ours.exact,
      },
    ],
    notes: [`retention: ${words}; ours also counts LostRecords, which an alarm watches`],
  }
}
