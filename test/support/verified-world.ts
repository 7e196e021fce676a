import { ReplicationError } from '../../shared/domain/errors.ts'
import type { Gap } from '../../shared/domain/head.ts'
import type { LogRecord } from '../../shared/domain/log-record.ts'
import { PROVENANCE_HEADER, sift } from '../../shared/domain/provenance.ts'
import type { PartitionId, PolledRecord } from '../../shared/domain/record.ts'
import { addCounts, noCounts } from '../../shared/domain/verify/verify-report.ts'
import type { VerifyDeps } from '../../shared/usecases/verify/verify-ports.ts'
import { verifyRange } from '../../shared/usecases/verify/verify-range.ts'
import { FakeLogReader } from '../fakes/log-reader.ts'
import { PartitionPoller } from './partition-poller.ts'
import { polled } from './polled.ts'
import type { VerifiedHistory, VerifiedStep } from './verified-history.ts'
import { judged, type TotalReport, unaccounted } from './verify-judgement.ts'
import { expectedOf, type VerifiedTruth } from './verify-model.ts'

const ORDERS: PartitionId = { topic: 'orders', partition: 0 }
const DEADLINE = { at: Number.POSITIVE_INFINITY, signal: new AbortController().signal }
const HOP = {
  source: 'source-cluster',
  target: 'target-cluster',
  sourceTopic: 'orders',
  targetTopic: 'orders',
  partition: 0,
}
/** More looks than any history takes. */
const MOST_LOOKS = 2_000

/** A partition that is replicated by the code itself, and verified by the code itself; what is true is noted down beside both. */
export class VerifiedWorld {
  readonly violations: string[] = []
  readonly #poller = new PartitionPoller()
  readonly #foreign = new Set<bigint>()
  readonly #changed = new Set<bigint>()
  readonly #removed = new Set<bigint>()
  readonly #confirmedTo = new Map<string, bigint>()
  readonly #provenance: boolean
  #targetStart = 0n
  #intruders = 0

  constructor(provenance: boolean) {
    this.#provenance = provenance
  }

  /** What was not as it should be. */
  static async judge({ provenance, steps }: VerifiedHistory): Promise<readonly string[]> {
    const world = new VerifiedWorld(provenance)
    for (const step of steps) await world.#play(step)
    return world.violations
  }

  async #play(step: VerifiedStep): Promise<void> {
    const end = BigInt(this.#targetRecords.length)
    switch (step.kind) {
      case 'intrude':
        return this.#intrude()
      case 'change':
        return void (end > 0n && this.#changed.add(BigInt(step.at) % end))
      case 'remove':
        return void (end > 0n && this.#removed.add(BigInt(step.at) % end))
      case 'target-retention':
        this.#targetStart = [this.#targetStart + BigInt(step.takes), end].reduce((one, other) =>
          one < other ? one : other,
        )
        return
      case 'verify':
        return await this.#verify(step.holesOnly, step.inLooks)
      case 'foreign':
        for (let at = 0n; at < BigInt(step.count); at++) this.#foreign.add(end + at)
    }
    await this.#poller.play(step)
  }

  get #targetRecords(): readonly PolledRecord[] {
    return this.#poller.world.target.records('orders', 0)
  }

  #intrude(): void {
    const [record] = sift([polled(this.#intruders++, 'intruder')], HOP).onward
    this.#foreign.add(BigInt(this.#targetRecords.length))
    if (record !== undefined) this.#poller.world.target.writeForeign('orders', 0, record)
  }

  async #verify(holesOnly: boolean, inLooks: boolean): Promise<void> {
    const { world } = this.#poller
    const { head } = world
    const code = await this.#refusal(holesOnly)
    const isOther = head !== undefined && head.incarnation !== world.life.incarnation
    const wanted = head === undefined ? 'TOPIC_UNFOLLOWED' : isOther ? 'INCARNATION_CHANGED' : 'none'
    if (code !== wanted) this.violations.push(`the code: ${code} instead of ${wanted}`)
    if (head === undefined || isOther) return
    const truth = await this.#truth(head.nextSource)
    const report = await this.#look(holesOnly, inLooks)
    const expected = expectedOf(truth, report.from, holesOnly)
    this.violations.push(
      ...judged(report, expected, this.#provenance),
      ...unaccounted(truth, report, await this.#gapsOf(world.life)),
    )
    const confirmed = expected.firstUnreplicated ?? head.nextSource
    if (confirmed > truth.confirmedTo) this.#confirmedTo.set(truth.life.incarnation, confirmed)
  }

  /** Looks at nothing but whether it may be looked at. */
  async #refusal(holesOnly: boolean): Promise<string> {
    try {
      await verifyRange({ ...ORDERS, from: 0n, to: 0n, holesOnly }, 0, DEADLINE, this.#deps())
      return 'none'
    } catch (error) {
      if (error instanceof ReplicationError) return error.code
      throw error
    }
  }

  async #truth(nextSource: bigint): Promise<VerifiedTruth> {
    const { world } = this.#poller
    const { life } = world
    return {
      life,
      nextSource,
      gaps: await this.#gapsOf(life),
      confirmedTo: this.#confirmedTo.get(life.incarnation) ?? 0n,
      target: this.#targetRecords.map((_, at) => world.copyAt(BigInt(at))),
      foreign: this.#foreign,
      changed: this.#changed,
      removed: this.#removed,
      targetStart: this.#targetStart,
    }
  }

  async #gapsOf({ incarnation }: VerifiedTruth['life']): Promise<readonly Gap[]> {
    return (await this.#poller.world.gaps()).filter((gap) => gap.incarnation === incarnation)
  }

  async #look(holesOnly: boolean, inLooks: boolean): Promise<TotalReport> {
    const findings: TotalReport['findings'][number][] = []
    let counts = noCounts()
    let first: bigint | undefined
    let at: { from: bigint; uncoveredFrom?: bigint } = { from: 0n }
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const report = await verifyRange(
        { ...ORDERS, ...at, holesOnly },
        inLooks ? this.#poller.world.nowMs : Infinity,
        DEADLINE,
        this.#deps(),
      )
      first ??= report.from
      counts = addCounts(counts, report.counts)
      findings.push(...report.findings)
      if (!report.more) return { from: first, counts, findings }
      const { next: from, uncoveredFrom } = report
      at = { from, ...(uncoveredFrom !== undefined && { uncoveredFrom }) }
    }
    throw new Error('verification does not come to an end')
  }

  #deps(): VerifyDeps {
    const { world } = this.#poller
    return {
      source: this.#sourceReader(),
      target: this.#targetReader(),
      lives: world.source,
      state: world.state,
      clock: { now: () => world.nowMs },
      targetTopic: (topic) => topic,
      isCompacted: async () => false,
      provenance: this.#provenance,
    }
  }

  /** A link without provenance knows nothing of the header. */
  #logRecord({ headers, ...record }: PolledRecord): Omit<LogRecord, 'offset'> {
    const kept = headers.filter(({ name }) => this.#provenance || name !== PROVENANCE_HEADER)
    return logRecord({ ...record, headers: kept })
  }

  #sourceReader(): FakeLogReader {
    const { life } = this.#poller.world
    const reader = new FakeLogReader('source')
    reader.createTopic('orders')
    for (const [at, slot] of life.slots.entries()) {
      if (slot === 'marker') reader.appendMarker(ORDERS)
      else reader.append(ORDERS, { ...this.#logRecord(life.record(at)), ...(slot === 'aborted' && { aborted: true }) })
      if (slot === 'compacted') reader.compactAway(ORDERS, BigInt(at))
    }
    reader.deleteBelow(ORDERS, BigInt(life.logStart))
    return reader
  }

  #targetReader(): FakeLogReader {
    const reader = new FakeLogReader('target')
    reader.createTopic('orders')
    reader.append(ORDERS, ...this.#targetRecords.map((record) => this.#logRecord(record)))
    for (const at of this.#changed)
      reader.replace(ORDERS, at, (record) => ({ ...record, value: Buffer.from(`changed ${record.offset}`) }))
    reader.compactAway(ORDERS, ...this.#removed)
    reader.deleteBelow(ORDERS, this.#targetStart)
    return reader
  }
}

const logRecord = ({ timestamp, key, value, headers }: PolledRecord): Omit<LogRecord, 'offset'> => ({
  timestamp,
  key: key === null ? null : Buffer.from(key, 'base64'),
  value: value === null ? null : Buffer.from(value, 'base64'),
  headers: headers.map((header) => ({
    name: Buffer.from(header.name),
    value: header.value === null ? null : Buffer.from(header.value),
  })),
})
