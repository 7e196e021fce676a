import type { Verdict } from '../../local/check/verdict.ts'
import type { RunFault } from './fault.ts'
import { type Contender, copiesWrittenTwice, type FaultCourse, Trial } from './fault-course.ts'

const PARTITIONS = 8
const SIZE_BYTES = 1_000
const RECORDS = { full: 160_000, quick: 80_000 }
/** How far the copy has got when everything is killed. */
const KILLED_AFTER = 0.3
/** What a poller takes into one event; all of it may be of one partition. */
const BATCH_RECORDS = 10_000

interface Killed {
  readonly name: string
  readonly verdict: Verdict
  readonly copiedWhenKilled: number
}

/** SIGKILL to every process of the contender in mid catch-up; then it is started again. */
const killInCatchUp = async (contender: Contender, alias: string, course: FaultCourse): Promise<Killed> => {
  const records = course.quick ? RECORDS.quick : RECORDS.full
  const trial = await Trial.open(contender, alias, PARTITIONS, course)
  await trial.write(records, SIZE_BYTES)
  const sources = await trial.sourceLogs()
  const first = await trial.start()
  await trial.untilCopied(Math.floor(records * KILLED_AFTER))
  await first.kill()
  const copiedWhenKilled = await trial.copied()
  const second = await trial.start()
  try {
    await trial.untilQuiet(records)
  } finally {
    await second.stop()
  }
  const verdict = await trial.judge(sources, 'uncommitted')
  await trial.close()
  course.say(
    `faults: ${contender.copier.name} killed at ${copiedWhenKilled} copies: ${copiesWrittenTwice(verdict)} twice`,
  )
  return { name: contender.copier.name, verdict, copiedWhenKilled }
}

export const killed: RunFault = async ({ twinshore, mirrorMaker }, course) => {
  const theirs = await killInCatchUp(mirrorMaker, 'killedtheirs', course)
  const ours = await killInCatchUp(twinshore, 'killedours', course)
  const count = (number: number): string => number.toLocaleString('en-US')
  return {
    table: {
      title: `Killed with SIGKILL in mid catch-up of ${count(ours.verdict.records)} records, and started again`,
      columns: ['copier', 'copied when killed', 'written twice', 'lost', 'altered', 'reordered'],
      rows: [ours, theirs].map(({ name, verdict, copiedWhenKilled }) => [
        name,
        count(copiedWhenKilled),
        count(copiesWrittenTwice(verdict)),
        ...[verdict.lost, verdict.altered, verdict.reordered].map(count),
      ]),
    },
    targets: [
      {
        what: 'killed: records written twice',
        wanted: `at most the event in flight, ${count(BATCH_RECORDS)} records`,
        measured: count(copiesWrittenTwice(ours.verdict)),
        held: copiesWrittenTwice(ours.verdict) <= BATCH_RECORDS,
      },
      {
        what: 'killed: lost, altered or reordered',
        wanted: 'none',
        measured: count(ours.verdict.lost + ours.verdict.altered + ours.verdict.reordered),
        held: ours.verdict.lost + ours.verdict.altered + ours.verdict.reordered === 0,
      },
    ],
    notes: [
      'killed: ours are the function’s process and the poller’s; on AWS the poller is a service, and only the function dies with its sandbox',
    ],
  }
}
