import { asReplicationError, type ReplicationError } from '../../domain/errors.ts'
import type { Head, LinkStatus } from '../../domain/head.ts'
import { tellable } from '../../domain/note-capacity.ts'
import { nothing, type PartitionOutcome, standstill } from '../../domain/outcome.ts'
import { headAfter, type Progress } from '../../domain/progress.ts'
import type { Sifted } from '../../domain/provenance.ts'
import { type PartitionBatch, type PolledRecord, partitionName } from '../../domain/record.ts'
import type { Run } from '../../domain/run.ts'
import type { AppendOutcome, Quarantine, TargetTransactions } from '../ports.ts'
import { admit, refuseStaleEpoch } from './admit-batch.ts'
import { catchUp, goOnWriting } from './catch-up.ts'
import { onwardRecords, progressOf } from './onward-records.ts'
import { refuseUnreplicated } from './refuse-unreplicated.ts'
import { begin, moveHead, rewound } from './remember-progress.ts'
import type { Deadlines, ReplicateDeps } from './replicate-partition.ts'
import { setAside } from './set-aside.ts'
import { type Ground, transact } from './transact.ts'

export interface ExactlyOnceDeps extends ReplicateDeps {
  readonly transactions: TargetTransactions
}

/** What is left to do of a batch. */
interface Rest {
  readonly fresh: readonly PolledRecord[]
  readonly sifted: Sifted
}

/** What was done of a batch so far. */
type Done = Pick<
  PartitionOutcome,
  'replicated' | 'looped' | 'lost' | 'quarantined' | 'bytes' | 'appendMs' | 'stateWrites'
> & { readonly error?: ReplicationError }

/**
 * Replicates one partition's batch in transactions that carry the source offset as well. What the target says was
 * committed is the truth, and the checkpoint follows it: a transaction only begins where the one before is remembered, and
 * whoever takes the partition over first remembers what was committed last. Running it twice, late, or beside itself is
 * harmless: only the last one who took over can commit.
 */
export const replicateExactlyOnce = async (
  batch: PartitionBatch,
  known: Head | undefined,
  status: LinkStatus,
  deadlines: Deadlines,
  deps: ExactlyOnceDeps,
): Promise<PartitionOutcome> => {
  refuseStaleEpoch(batch, known, status)
  if (known?.rewoundTo !== undefined) throw rewound(batch, known, known.rewoundTo)
  const { topic, partition } = batch
  const replica = { topic, partition, targetTopic: deps.targetTopic(topic) }
  const writer = await deps.transactions.writer(replica, known?.nextSource, deadlines.append)
  const caughtUp = known && (await catchUp(batch, known, writer.committed, status, deadlines.state, deps))
  const { admission, first } = await admit(batch, caughtUp?.head, deadlines.append, deps)
  const head = caughtUp?.head ?? (await begin(batch, status, admission, deadlines.state, deps))
  const [old, ...alsoOld] = batch.records.slice(0, first)
  if (old !== undefined)
    await refuseUnreplicated({ ...batch, records: [old, ...alsoOld] }, head, deadlines.append, deps.state)
  const fresh = batch.records.slice(first)
  const sifted = await onwardRecords(batch, head, fresh, deadlines.append, deps)
  const ground: Ground = { batch, replica, writer, admission, head, status, deadlines, atMost: fresh.length }
  const done = await replicateAll(ground, { fresh, sifted }, deps)
  const stateWrites = done.stateWrites + (known === undefined ? 1 : (caughtUp?.stateWrites ?? 0))
  const outcome = { ...nothing(batch), ...done, redelivered: first, untrusted: sifted.untrusted, stateWrites }
  return done.error === undefined ? outcome : { ...outcome, standstillMs: standstill(batch, head, deps.clock.now()) }
}

const NOTHING_DONE: Done = {
  replicated: 0,
  looped: 0,
  lost: 0n,
  quarantined: 0,
  bytes: 0,
  appendMs: 0,
  stateWrites: 0,
}

/** One transaction after another, until all of it is handled or something is in the way. */
const replicateAll = async (begun: Ground, all: Rest, deps: ExactlyOnceDeps): Promise<Done> => {
  let [ground, rest, done] = [begun, all, NOTHING_DONE]
  while (rest.fresh.length > 0 && done.error === undefined) {
    const step = await takeStep(ground, rest, deps)
    done = sum(done, step.done)
    ground = { ...ground, ...step.ground }
    rest = restAfter(rest, ground.head)
  }
  return done
}

interface Step {
  readonly ground: Partial<Ground>
  readonly done: Done
}

/** One transaction, and its checkpoint. */
const takeStep = async (ground: Ground, rest: Rest, deps: ExactlyOnceDeps): Promise<Step> => {
  const startedAt = deps.clock.now()
  const part = firstPart(rest, ground.atMost)
  const { fresh, sifted } = part
  const progressAt = (placed: number, runs: readonly Run[]) => progressOf(fresh, sifted, placed, runs)
  const { outcome, progress, scattered } = await transact(ground, sifted.onward, progressAt, deps)
  const appended = { ...NOTHING_DONE, bytes: outcome.bytes, appendMs: deps.clock.now() - startedAt }
  if (scattered && fresh.length > 1) return { ground: await halved(ground, fresh.length, deps), done: appended }
  const step =
    progress === undefined ? await instead(ground, part, outcome, deps) : await follow(ground, progress, deps)
  return { ...step, done: sum(appended, step.done) }
}

/** As much of the rest as one note can tell. */
const firstPart = ({ fresh, sifted }: Rest, atMost: number): Rest => {
  const count = Math.min(atMost, tellable(fresh, sifted.looped))
  const next = fresh[count]?.offset
  if (next === undefined) return { fresh, sifted }
  const onward = sifted.onward.filter(({ offset }) => offset < next)
  const looped = sifted.looped.filter((offset) => offset < next)
  return { fresh: fresh.slice(0, count), sifted: { ...sifted, onward, looped } }
}

const halved = async (ground: Ground, records: number, deps: ExactlyOnceDeps): Promise<Partial<Ground>> => ({
  writer: await goOnWriting(ground, deps),
  atMost: Math.ceil(records / 2),
})

/** What happens when nothing was committed. */
const instead = async (
  ground: Ground,
  part: Rest,
  { stopped }: AppendOutcome,
  deps: ExactlyOnceDeps,
): Promise<Step> => {
  const [refused] = part.sifted.onward
  if (stopped === undefined || refused === undefined) throw new TypeError('a transaction handled nothing')
  if (stopped.kind === 'refused' && deps.quarantine !== undefined)
    return await passOver(ground, part, refused, stopped.error, { ...deps, quarantine: deps.quarantine })
  return { ground: {}, done: { ...NOTHING_DONE, error: stopped.error } }
}

/** The first record goes into quarantine, and a transaction without records says that the source has gone on. */
const passOver = async (
  ground: Ground,
  { fresh, sifted }: Rest,
  refused: PolledRecord,
  refusal: ReplicationError,
  deps: ExactlyOnceDeps & { readonly quarantine: Quarantine },
): Promise<Step> => {
  const { batch, admission, deadlines } = ground
  try {
    await setAside(batch, refused, admission.incarnation, refusal, deadlines.state, deps)
  } catch (error) {
    const where = `${partitionName(batch)}, source offset ${refused.offset}`
    return { ground: {}, done: { ...NOTHING_DONE, error: asReplicationError(error, `quarantining ${where}`) } }
  }
  const writer = await goOnWriting(ground, deps)
  const passing = { ...ground, writer }
  const { outcome, progress } = await transact(passing, [], () => progressOf(fresh, sifted, 1, []), deps)
  if (outcome.stopped !== undefined || progress === undefined)
    return { ground: { writer }, done: { ...NOTHING_DONE, ...(outcome.stopped && { error: outcome.stopped.error }) } }
  const step = await follow(passing, progress, deps)
  const quarantined = { ...NOTHING_DONE, quarantined: 1, stateWrites: 1 }
  return { ground: { writer, ...step.ground }, done: sum(quarantined, step.done) }
}

/** The checkpoint follows what was committed. */
const follow = async (
  { batch, admission, head, status, deadlines }: Ground,
  { progress, lost, gaps }: { readonly progress: Progress; readonly lost: bigint; readonly gaps: number },
  deps: ExactlyOnceDeps,
): Promise<Step> => {
  const stamp = { epoch: status.epoch, now: deps.clock.now() }
  const after = (openRuns: readonly Run[]): Head => headAfter(head, admission, progress, { openRuns, ...stamp })
  const moved = await moveHead(batch, head, after, deadlines.state, deps)
  const done = {
    ...NOTHING_DONE,
    replicated: progress.runs.reduce((records, { length }) => records + Number(length), 0),
    looped: progress.looped.reduce((records, { from, to }) => records + Number(to - from), 0),
    lost,
    stateWrites: gaps + moved.pages + 1,
  }
  return { ground: { head: moved.head, admission: { ...admission, start: moved.head.nextSource } }, done }
}

const restAfter = ({ fresh, sifted }: Rest, { nextSource }: Head): Rest => {
  const due = Number(nextSource)
  return {
    fresh: fresh.filter(({ offset }) => offset >= due),
    sifted: {
      ...sifted,
      onward: sifted.onward.filter(({ offset }) => offset >= due),
      looped: sifted.looped.filter((offset) => offset >= due),
    },
  }
}

const sum = (one: Done, other: Done): Done => ({
  replicated: one.replicated + other.replicated,
  looped: one.looped + other.looped,
  lost: one.lost + other.lost,
  quarantined: one.quarantined + other.quarantined,
  bytes: one.bytes + other.bytes,
  appendMs: one.appendMs + other.appendMs,
  stateWrites: one.stateWrites + other.stateWrites,
  ...(other.error && { error: other.error }),
})
