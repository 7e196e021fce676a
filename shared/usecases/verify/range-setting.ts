import type { Gap, Head } from '../../domain/head.ts'
import type { LogEdges } from '../log-ports.ts'
import type { WholeMap } from '../offset-map/map-runs.ts'
import type { Deadline } from '../ports.ts'
import type { VerifyRange } from './verify-ports.ts'

/** What is known before the first record is read. */
export interface RangeSetting {
  readonly range: VerifyRange
  readonly map: WholeMap
  readonly head: Head
  readonly gaps: readonly Gap[]
  readonly from: bigint
  readonly to: bigint
  readonly sourceEdges: LogEdges
  readonly targetEdges: LogEdges
  readonly deadline: Deadline
}
