import type { PartitionLog } from '../../local/check/partition-log.ts'
import type { Verdict } from '../../local/check/verdict.ts'
import { produceTransactions } from '../../local/corpus/corpus-transactions.ts'
import type { RunFault } from './fault.ts'
import { type Contender, type FaultCourse, Trial } from './fault-course.ts'

const PARTITIONS = 2

interface Aborted {
  readonly name: string
  readonly onSource: number
  readonly verdict: Verdict
}

const count = (logs: readonly PartitionLog[], visibility: 'committed' | 'aborted'): number =>
  logs.reduce(
    (sum, log) =>
      sum + Array.from({ length: log.size }, (_, at) => log.visibility(at)).filter((one) => one === visibility).length,
    0,
  )

/** Judged as what a committed reader of the source sees, whatever the contender read. */
const copyTransactions = async (contender: Contender, alias: string, course: FaultCourse): Promise<Aborted> => {
  const trial = await Trial.open(contender, alias, PARTITIONS, course)
  await produceTransactions(course.source, { name: trial.topic, partitions: PARTITIONS }, 1)
  const sources = await trial.sourceLogs()
  const running = await trial.start()
  try {
    await trial.untilQuiet(count(sources, 'committed'))
  } finally {
    await running.stop()
  }
  const verdict = await trial.judge(sources, 'committed')
  await trial.close()
  const onSource = count(sources, 'aborted')
  course.say(`faults: ${contender.copier.name} copied ${verdict.aborted} of ${onSource} aborted records`)
  return { name: contender.copier.name, onSource, verdict }
}

/** Both contenders, each reading as it does by default and reading only what is committed. */
export const aborted =
  (committed: { readonly twinshore: Contender; readonly mirrorMaker: Contender }): RunFault =>
  async ({ twinshore, mirrorMaker }, course) => {
    const ours = await copyTransactions(committed.twinshore, 'abortedourscommitted', course)
    const results = [
      ours,
      await copyTransactions(twinshore, 'abortedours', course),
      await copyTransactions(mirrorMaker, 'abortedtheirs', course),
      await copyTransactions(committed.mirrorMaker, 'abortedtheirscommitted', course),
    ]
    return {
      table: {
        title: 'Aborted transactions on the source: their records on the target',
        columns: ['copier', 'aborted on the source', 'copied all the same', 'committed but lost'],
        rows: results.map(({ name, onSource, verdict }) => [
          name,
          String(onSource),
          String(verdict.aborted),
          String(verdict.lost),
        ]),
      },
      targets: [
        {
          what: 'aborted: copied where the poller reads committed',
          wanted: 'none, and nothing committed lost',
          measured: `${ours.verdict.aborted}, ${ours.verdict.lost} lost`,
          held: ours.verdict.aborted + ours.verdict.lost === 0,
        },
      ],
      notes: [
        'aborted: nobody has documented which of the two AWS’s poller reads; where it reads uncommitted, the check counts these records and names them',
      ],
    }
  }
