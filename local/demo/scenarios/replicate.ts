import { Arrivals } from '../../check/arrivals.ts'
import { type Checked, checkReplication, untilReplicated } from '../../check/replication-check.ts'
import { describeOffence } from '../../check/verdict.ts'
import { CORPUS_TOPICS, produceAwkwardTopics, produceBulk } from '../../corpus/corpus.ts'
import { eventually } from '../../machine/eventually.ts'
import { type Broken, breakThings } from './replicate-faults.ts'
import { type OpenLink, openLink, whilePollersRest } from './replicated-link.ts'
import type { Figures, Scenario, Stage } from './scenario.ts'

const FRESH = { records: 1000, recordsPerSecond: 250 }
const ARRIVED_WITHIN_MS = 60_000
const MEGABYTE = 1_000_000

/** From one real cluster to the other through the deployed stacks: every byte, in order, with an exact map, also when things break. */
export const replicate: Scenario = {
  name: 'replicate',
  summary:
    'an awkward corpus, replicated and compared byte for byte; then a killed function, a lost broker, batches twice',
  async run(stage) {
    const link = await openLink(stage)
    try {
      await fillAwkward(stage, link)
      const bulk = await replicateBulk(stage, link)
      const latency = await timeFresh(stage, link)
      const calm = await compare(stage, link, 'both sides are read by raw fetches and compared')
      const broken = await breakThings(stage, link)
      const checked = await compare(stage, link, 'both sides are read and compared again')
      judge(stage, calm, checked, { ...bulk, ...broken })
      return figures(checked, bulk, latency)
    } finally {
      link.state.close()
    }
  },
}

const fillAwkward = ({ options, steps }: Stage, link: OpenLink): Promise<void> =>
  steps.show('an awkward corpus is on the source, and replicated', async (say) => {
    say('writing nulls, tombstones, odd headers, five codecs, transactions; waiting for compaction')
    await whilePollersRest(link, () => produceAwkwardTopics(link.source, options))
    await untilReplicated(link, say)
  })

interface Bulk {
  readonly megabytesPerSecond: number
  readonly writesPerBatch: number
}

const replicateBulk = ({ options, steps }: Stage, link: OpenLink): Promise<Bulk> => {
  const what = options.input ?? `${options.records} records of ${options.sizeBytes} bytes`
  return steps.show(`${what}: written and replicated`, async (say) => {
    const writes = link.countWrites()
    const batchesBefore = link.redeliveries.succeededBatches
    const began = performance.now()
    const { sizeBytes } = await produceBulk(link.source, {
      ...options,
      onProgress: (written) => say(`${written} written`),
    })
    await untilReplicated(link, say)
    const seconds = (performance.now() - began) / 1000
    writes.remove()
    const batches = link.redeliveries.succeededBatches - batchesBefore
    const writesPerBatch = (writes.matched - (await partitionsBegun(link))) / batches
    return { megabytesPerSecond: sizeBytes / MEGABYTE / seconds, writesPerBatch }
  })
}

/** Each is written down once, before its first batch. */
const partitionsBegun = async ({ state }: OpenLink): Promise<number> => {
  const { name: topic, partitions } = CORPUS_TOPICS.bulk
  return (await state.heads(Array.from({ length: partitions }, (_, partition) => ({ topic, partition })))).size
}

interface Latency {
  readonly p50: number
  readonly p99: number
}

const timeFresh = ({ options, steps }: Stage, link: OpenLink): Promise<Latency> =>
  steps.show(`${FRESH.records} fresh records are timed until a consumer of the target has them`, async (say) => {
    const arrivals = new Arrivals(link.target, link.targetTopic(CORPUS_TOPICS.bulk.name))
    await arrivals.watch()
    try {
      await produceBulk(link.source, { seed: options.seed + 1, sizeBytes: options.sizeBytes, ...FRESH })
      await eventually(
        'fresh records on the target',
        () => {
          say(`${arrivals.count} arrived`)
          return arrivals.count >= FRESH.records
        },
        { withinMs: ARRIVED_WITHIN_MS },
      )
    } finally {
      await arrivals.stop()
    }
    return { p50: arrivals.percentileMs(0.5), p99: arrivals.percentileMs(0.99) }
  })

const compare = ({ steps }: Stage, link: OpenLink, title: string): Promise<Checked> =>
  steps.show(title, async () => checkReplication(link))

const judge = (stage: Stage, calm: Checked, checked: Checked, { writesPerBatch, killed }: Bulk & Broken): void => {
  const none = (name: string, measured: number): void =>
    stage.check(name, { held: measured === 0, measured, expected: 0 })
  none('records lost', checked.lost)
  none('records altered in any byte', checked.altered)
  none('records out of order', checked.reordered)
  none('records that are not on the source', checked.phantom)
  none('copies that no redelivery explains', checked.duplicates.unexplained)
  none('source offsets that translate to a wrong place', checked.mapErrors)
  none('gaps in the ledger', checked.gaps)
  if (stage.options.isolation === 'committed') none('records of aborted transactions on the target', checked.aborted)
  none('copies before anything was broken', calm.duplicates.explained + calm.duplicates.unexplained)
  const left = checked.duplicates.explained
  stage.check('the kill hit between append and checkpoint', {
    held: killed > 0 && left > 0,
    measured: `${killed} killed, ${left} copies`,
    expected: 'at least 1 copy',
  })
  stage.check('DynamoDB writes per batch, besides one for each new partition', {
    held: writesPerBatch <= 1.1,
    measured: writesPerBatch.toFixed(2),
    expected: 'at most 1.1',
  })
  for (const offence of checked.firstOffences) stage.steps.line(`  ${describeOffence(offence)}`)
}

const rounded = (value: number): number => Number(value.toPrecision(3))

const figures = (checked: Checked, bulk: Bulk, { p50, p99 }: Latency): Figures => ({
  records: checked.records,
  lost: checked.lost,
  altered: checked.altered,
  reordered: checked.reordered,
  duplicates: checked.duplicates,
  phantom: checked.phantom,
  aborted: checked.aborted,
  mapErrors: checked.mapErrors,
  gaps: checked.gaps,
  megabytesPerSecond: rounded(bulk.megabytesPerSecond),
  latencyMs: { p50: rounded(p50), p99: rounded(p99) },
  writesPerBatch: rounded(bulk.writesPerBatch),
  ...(checked.firstOffences.length > 0 && { offences: checked.firstOffences.map(describeOffence) }),
})
