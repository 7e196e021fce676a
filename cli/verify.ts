import { parseArgs } from 'node:util'
import { type DeployedFunction, invokeFunction } from '../shared/adapters/lambda/function-invocation.ts'
import { loadTopology } from '../shared/config/load-topology.ts'
import { ReplicationError } from '../shared/domain/errors.ts'
import { stackName, verifierName } from '../shared/domain/link-names.ts'
import type { Plain } from '../shared/domain/plain.ts'
import { partitionName } from '../shared/domain/record.ts'
import { type Link, placementOf } from '../shared/domain/topology/topology.ts'
import { addCounts, noCounts } from '../shared/domain/verify/verify-report.ts'
import { inLanes } from '../shared/usecases/lanes.ts'
import type { PlannedRange, VerifyPlan } from '../shared/usecases/verify/plan-verification.ts'
import type { RangeReport } from '../shared/usecases/verify/verify-ports.ts'
import { type Invoke, unreadable } from './asking.ts'
import { findLink } from './deployed-link.ts'
import { ProgressBar, type ProgressStream } from './progress-bar.ts'
import { type ExitCode, type Terminal, toJson } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import { describeVerification, isSound, type Verification } from './verify-text.ts'

export const VERIFY_USAGE = `twinshore verify <link> [--topic T] [--sample N | --since AGE | --holes] [--topology NAME] [--json]

Compares both clusters of a link record by record along the offset map: key, value, headers and timestamp, by hashes. It is
the deployed function that reads, because it reaches both clusters from where it runs; nothing of a record's content leaves
it. By itself everything that was replicated and is still there is compared.

  --topic T         this source topic only
  --sample N        N stretches of 500 records of each topic, chosen at random
  --since AGE       what was written on the source since then: 30m, 12h, 7d
  --holes           only source offsets that were never replicated and that nobody has read: transaction markers, records that
                    compaction took, or records that are missing; what is gone is written into the gap ledger as lost
  --topology NAME   the file in infra/topologies/ (default: local)
  --json            one JSON document on standard output

Exit codes: 0 when there is no difference; 1 when there is one, or something could not be verified; what an open
transaction holds back is said, and is neither.

Examples
  npx twinshore verify west-east --sample 10
  npx twinshore verify west-east --topic orders --since 1h --json --topology self-managed-pair`

/** The function ends within 55 s; the rest is for a cold start in a network. */
const ANSWERS_WITHIN_MS = 70_000
/** Ranges at once: each is an invocation, and reads both clusters. */
const LANES = 4
const MOST_FINDINGS = 100

export const runVerify = async (
  args: readonly string[],
  terminal: Terminal,
  invoke: Invoke = invokeFunction,
  stream: ProgressStream = process.stderr,
): Promise<ExitCode> => {
  const wanted = parseVerifyArguments(args)
  const verifier = verifierOf(findLink(await loadTopology(wanted.topology), wanted.link))
  terminal.note(`asking ${verifier.name} in ${verifier.region}`)
  const plan = parsePlan(await invoke(verifier, { mode: 'plan', ...wanted.scope }), verifier)
  const verification = await verifyAll(plan, verifier, invoke, stream)
  terminal.result(
    wanted.json
      ? toJson({ link: wanted.link, sound: isSound(verification), ...verification })
      : describeVerification(wanted.link, verification),
  )
  return isSound(verification) ? 0 : 1
}

const parseVerifyArguments = (args: readonly string[]) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      holes: { type: 'boolean', default: false },
      topic: { type: 'string' },
      sample: { type: 'string' },
      since: { type: 'string' },
      topology: { type: 'string', default: 'local' },
    },
  })
  const [link, ...others] = positionals
  if (link === undefined || others.length > 0) throw new UsageError('verify takes the name of one link')
  const { json, topology, topic, sample, since, holes } = values
  if ([sample !== undefined, since !== undefined, holes].filter(Boolean).length > 1)
    throw new UsageError('--sample, --since and --holes exclude each other')
  const scope = {
    ...(topic !== undefined && { topic }),
    ...(sample !== undefined && { sample: parseCount(sample) }),
    ...(since !== undefined && { since: Date.now() - parseAgeMs(since) }),
    ...(holes && { holes }),
  }
  return { link, json, topology, scope }
}

const parseCount = (text: string): number => {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new UsageError('--sample takes how many stretches of each topic')
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const parseAgeMs = (text: string): number => {
  const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  const unitMs = UNITS_MS[unit]
  if (unitMs !== undefined) return Number(count) * unitMs
  throw new UsageError('--since takes a number and a unit: 90s, 30m, 12h, 7d')
}

const verifierOf = (link: Link): DeployedFunction => ({
  region: placementOf(link).region,
  name: verifierName(link),
  stack: stackName(link, 'watch'),
  answersWithinMs: ANSWERS_WITHIN_MS,
})

const offsetsIn = ({ from, to }: { readonly from: string; readonly to: string }): number =>
  Number(BigInt(to) - BigInt(from))

const verifyAll = async (
  { ranges, troubles }: Plain<VerifyPlan>,
  verifier: DeployedFunction,
  invoke: Invoke,
  stream: ProgressStream,
): Promise<Verification> => {
  const bar = new ProgressBar(
    ranges.reduce((sum, range) => sum + offsetsIn(range), 0),
    stream,
  )
  const found = new Found(ranges.length, troubles)
  await inLanes(ranges, LANES, async (range) => {
    try {
      for await (const { report, passed } of reportsOf(range, verifier, invoke)) {
        found.add(report)
        bar.advance(passed, found.progress)
      }
    } catch (error) {
      if (!(error instanceof ReplicationError)) throw error
      found.fail(`${partitionName(range)}: ${error.message}`)
    }
  })
  bar.end()
  return found.verification
}

/** One after the other until the range is done; `passed`: source offsets. */
async function* reportsOf(
  range: Plain<PlannedRange>,
  verifier: DeployedFunction,
  invoke: Invoke,
): AsyncGenerator<{ readonly report: Plain<RangeReport>; readonly passed: number }> {
  for (let at: Place = { from: range.from }; ; ) {
    const report = parseReport(await invoke(verifier, { mode: 'range', ...range, ...at }), verifier)
    const { next: from, uncoveredFrom } = report
    yield { report, passed: offsetsIn({ from: at.from, to: from }) }
    if (!report.more) return
    const further: Place = { from, ...(uncoveredFrom !== undefined && { uncoveredFrom }) }
    if (!isFurther(further, at)) throw unreadable(verifier, 'report that goes on')
    at = further
  }
}

/** Where a range goes on. */
type Place = Pick<Plain<RangeReport>, 'uncoveredFrom'> & { readonly from: string }

const isFurther = (one: Place, other: Place): boolean =>
  BigInt(one.from) > BigInt(other.from) ||
  (one.uncoveredFrom !== undefined &&
    (other.uncoveredFrom === undefined || BigInt(one.uncoveredFrom) > BigInt(other.uncoveredFrom)))

/** What was found so far. */
class Found {
  #verification: Verification

  constructor(ranges: number, troubles: readonly string[]) {
    this.#verification = { ranges, counts: noCounts(), findings: [], held: [], troubles: [...troubles] }
  }

  get verification(): Verification {
    return this.#verification
  }

  get progress(): string {
    return `${this.#verification.counts.verified} records the same, ${this.#verification.findings.length} differences`
  }

  add({ topic, partition, counts, findings, heldBy, next }: Plain<RangeReport>): void {
    const before = this.#verification
    const more = findings.map((finding) => ({ topic, partition, ...finding }))
    this.#verification = {
      ...before,
      counts: addCounts(before.counts, counts),
      findings: [...before.findings, ...more].slice(0, MOST_FINDINGS),
      held:
        heldBy === undefined
          ? before.held
          : [...before.held, `${partitionName({ topic, partition })} from source offset ${next} on (on the ${heldBy})`],
    }
  }

  fail(trouble: string): void {
    this.#verification = { ...this.#verification, troubles: [...this.#verification.troubles, trouble] }
  }
}

const has = (answer: unknown, ...names: readonly string[]): answer is object =>
  typeof answer === 'object' && answer !== null && names.every((name) => Reflect.has(answer, name))

const parsePlan = (answer: unknown, verifier: DeployedFunction): Plain<VerifyPlan> => {
  if (has(answer, 'ranges', 'troubles')) return answer as Plain<VerifyPlan>
  throw unreadable(verifier, 'plan of a verification')
}

const parseReport = (answer: unknown, verifier: DeployedFunction): Plain<RangeReport> => {
  if (has(answer, 'next', 'more', 'counts', 'findings')) return answer as Plain<RangeReport>
  throw unreadable(verifier, 'report of a range')
}
