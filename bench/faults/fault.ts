import type { Target } from '../bench-part.ts'
import type { Table } from '../table.ts'
import type { Contender, FaultCourse } from './fault-course.ts'

/** What a fault came to, side by side. */
export interface FaultReport {
  readonly table: Table
  readonly targets: readonly Target[]
  readonly notes: readonly string[]
}

export interface Contenders {
  readonly twinshore: Contender
  readonly mirrorMaker: Contender
}

export type RunFault = (contenders: Contenders, course: FaultCourse) => Promise<FaultReport>
