import { approve } from '../../shared/usecases/failover/approve.ts'
import { askOperator } from '../../shared/usecases/failover/ask-operator.ts'
import { boundary } from '../../shared/usecases/failover/boundary.ts'
import { drain } from '../../shared/usecases/failover/drain.ts'
import { fence, prove } from '../../shared/usecases/failover/fence.ts'
import { followingReaders } from '../../shared/usecases/failover/follow-readers.ts'
import { groups } from '../../shared/usecases/failover/groups.ts'
import { lock } from '../../shared/usecases/failover/lock.ts'
import { placingGroups } from '../../shared/usecases/failover/place-at-promotion.ts'
import { preflight } from '../../shared/usecases/failover/preflight.ts'
import { promote } from '../../shared/usecases/failover/promote.ts'
import { release } from '../../shared/usecases/failover/release.ts'
import { report } from '../../shared/usecases/failover/report.ts'
import { reverse } from '../../shared/usecases/failover/reverse.ts'
import { rollback } from '../../shared/usecases/failover/rollback.ts'
import type { Steps } from '../../shared/usecases/failover/run-step.ts'
import { stop } from '../../shared/usecases/failover/stop.ts'
import { switchStep } from '../../shared/usecases/failover/switch-clients.ts'
import { validate } from '../../shared/usecases/failover/validate.ts'
import { verify } from '../../shared/usecases/failover/verify.ts'
import type { StepDeps } from './handler.ts'

/** What does each step. */
export const STEPS: Steps<StepDeps> = {
  validate,
  lock,
  preflight,
  approve,
  fence,
  prove,
  drain,
  groups,
  stop,
  boundary,
  promote: placingGroups(promote),
  switch: followingReaders(switchStep),
  verify,
  reverse,
  report,
  rollback,
  hold: askOperator('hold'),
  release,
}
