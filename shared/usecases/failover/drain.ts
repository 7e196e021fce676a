import { ReplicationError } from '../../domain/errors.ts'
import { type DrainVerdict, drainVerdict, type Residue } from '../../domain/failover/residue.ts'
import { HEARTBEAT_TOPIC } from '../../domain/heartbeat/beat.ts'
import type { Deadline } from '../ports.ts'
import type { DataDeps } from './data-deps.ts'
import type { PerformStep, StepContext, StepResult } from './failover-ports.ts'
import { residualScan } from './residual-scan.ts'

/** A source that may be gone is not waited for. */
const SOURCE_WITHIN_MS = 8_000

/** Waits until all that was written to the source is on the target; an unplanned failover counts what will not come. */
export const drain: PerformStep<DataDeps> = async (context, deadline, deps) => {
  const { input } = context.execution
  const residue = await scanned(context, deadline, deps)
  if (!context.effects) return wouldDrain(residue)
  const verdict = drainVerdict(residue, {
    mode: input.mode,
    force: input.force,
    lostRecords: input.limits.lostRecords ?? deps.order.limits.lostRecords,
    waitedMs: deps.clock.now() - (context.before.get('drain')?.startedAt ?? deps.clock.now()),
    lag: input.mode === 'unplanned' ? await knownLag(deadline, deps) : undefined,
  })
  const isHeld = verdict.kind === 'again' && (residue?.left.length ?? 0) > 0
  return (isHeld && (await whyNoneComes(deadline, deps))) || resultOf(verdict, residue)
}

/** Nothing brings what is left while the link does not forward. */
const whyNoneComes = async (deadline: Deadline, { forward, order }: DataDeps): Promise<StepResult | undefined> => {
  const { mode } = (await forward.pair.read(deadline)).status
  if (mode === 'forwarding' || mode === 'draining') return undefined
  const message = `records are left, and ${order.forward.order.link.name} is ${mode}: nothing brings them; resume it first`
  return { outcome: 'refused', message }
}

const scanned = async (
  { execution }: StepContext,
  deadline: Deadline,
  deps: DataDeps,
): Promise<Residue | undefined> => {
  if (execution.input.mode !== 'unplanned') return await residualScan(deadline, deps)
  const soon = deps.within(SOURCE_WITHIN_MS, deadline)
  try {
    return await residualScan(soon, deps)
  } catch (error) {
    if (error instanceof ReplicationError && !error.code.startsWith('STATE_')) return undefined
    throw error
  } finally {
    soon.end()
  }
}

/** Absent: nobody knows. */
const knownLag = async (deadline: Deadline, { functions }: DataDeps) => {
  try {
    const { topics, unmeasured } = await functions.status(deadline)
    return unmeasured > 0 ? undefined : topics.filter(({ topic }) => topic !== HEARTBEAT_TOPIC)
  } catch (error) {
    if (error instanceof ReplicationError) return undefined
    throw error
  }
}

const wouldDrain = (residue: Residue | undefined): StepResult => {
  const left = (residue?.left ?? []).reduce((total, { records }) => total + records, 0)
  const message = `would wait for ${left} records that are on the source alone now`
  return { outcome: 'done', message, facts: { partitions: residue?.partitions ?? 0, left } }
}

const resultOf = (verdict: DrainVerdict, residue: Residue | undefined): StepResult => {
  const partitions = residue?.partitions ?? 0
  switch (verdict.kind) {
    case 'again':
      return { outcome: 'again', message: verdict.because }
    case 'too-lossy':
      return { outcome: 'refused', message: verdict.because }
    case 'drained':
      return {
        outcome: 'done',
        message: `all records of ${partitions} partitions are on the target`,
        facts: { partitions, loss: { records: 0, topics: [] } },
      }
    case 'lossy': {
      const { loss, topics } = verdict
      const message = `${loss ?? 'an unknown number of'} records stay on the source`
      const records = loss === undefined ? {} : { records: loss }
      return {
        outcome: 'done',
        message,
        facts: {
          partitions,
          loss: { ...records, topics: topics.slice(0, MOST_TOPICS) },
          sourceGone: residue === undefined,
        },
      }
    }
  }
}

const MOST_TOPICS = 100
