import { ReplicationError } from '../../domain/errors.ts'
import type { StepContext } from './failover-ports.ts'

/** What a source that is gone, or about to be, leaves of a question: neither a refusal, nor a fault of our own table. */
export const isSilence = (error: unknown): error is ReplicationError =>
  error instanceof ReplicationError && error.transient && !error.code.startsWith('STATE_')

/** What the drain of an unplanned failover has found: nobody has to find it out again. */
export const isFoundGone = ({ before, execution }: Pick<StepContext, 'before' | 'execution'>): boolean =>
  execution.input.mode === 'unplanned' && before.get('drain')?.data['sourceGone'] === true
