import type { BenchPart } from './bench-part.ts'
import { cold } from './cold/cold.ts'
import { failover } from './failover/failover.ts'
import { faults } from './faults/faults.ts'
import { groups } from './groups/groups.ts'
import { growth } from './growth/growth.ts'
import { memory } from './memory/memory.ts'
import { path } from './path/path.ts'
import { produce } from './produce/produce.ts'
import { topics } from './topics/topics.ts'
import { verify } from './verify/verify.ts'

/** In the order in which they run and are shown. */
export const PARTS: readonly BenchPart[] = [
  produce,
  path,
  memory,
  cold,
  growth,
  topics,
  groups,
  failover,
  faults,
  verify,
]
