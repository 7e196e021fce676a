import type { TailChoice } from './failover-input.ts'

/**
 * What an unplanned failover leaves for the first contact with the old active cluster, in the order in which it is done.
 * `fence`, `prove`: nobody writes there any more. `roles`: the other region knows that it is standby. `pointer`: clients there
 * are pointed away. `count`, `tail`: the stranded tail is counted, and becomes what was asked for. `reverse`: the link the
 * other way begins.
 */
export const PENDING_TASKS = ['fence', 'prove', 'roles', 'pointer', 'count', 'tail', 'reverse'] as const
export type PendingTask = (typeof PENDING_TASKS)[number]

/** What has to be done before each of them; the others wait for nobody. */
const NEEDS: Readonly<Partial<Record<PendingTask, readonly PendingTask[]>>> = {
  prove: ['fence'],
  count: ['fence', 'prove'],
  tail: ['fence', 'prove', 'count'],
  reverse: ['fence', 'prove', 'roles', 'count', 'tail'],
}

/** Of one failover; there is never work of two, since none begins before it is done. */
export interface PendingWork {
  readonly execution: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** The one that the promotion made. */
  readonly epoch: number
  readonly tail: TailChoice
  readonly waiting: readonly PendingTask[]
}

const inOrder = (tasks: ReadonlySet<PendingTask>): readonly PendingTask[] =>
  PENDING_TASKS.filter((task) => tasks.has(task))

export const withTasks = (work: PendingWork, tasks: readonly PendingTask[]): PendingWork => ({
  ...work,
  waiting: inOrder(new Set([...work.waiting, ...tasks])),
})

export const withoutTask = (work: PendingWork, task: PendingTask): PendingWork => ({
  ...work,
  waiting: work.waiting.filter((other) => other !== task),
})

/** Whether nothing that has to be done before it is waiting. */
export const isDue = (task: PendingTask, { waiting }: PendingWork): boolean =>
  !(NEEDS[task] ?? []).some((needed) => waiting.includes(needed))
