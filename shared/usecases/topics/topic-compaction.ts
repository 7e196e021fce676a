import { ReplicationError } from '../../domain/errors.ts'
import type { Deadline } from '../ports.ts'
import type { TopicAdmin } from './topic-ports.ts'

const CLEANUP_POLICY = 'cleanup.policy'
/** Nobody makes a topic compacted between two looks and has its records gone before the second. */
const TRUSTED_MS = 60_000

/** Whether a topic is compacted, asked of its cluster once a minute at most. Throws what is wrong with the topic. */
export const compactionOf = (topics: Pick<TopicAdmin, 'settings'>, clock: { now(): number }) => {
  const known = new Map<string, { readonly isCompacted: boolean; readonly at: number }>()
  return async (topic: string, deadline: Deadline): Promise<boolean> => {
    const before = known.get(topic)
    if (before !== undefined && clock.now() - before.at < TRUSTED_MS) return before.isCompacted
    const settings = (await topics.settings([topic], deadline)).get(topic)
    if (settings instanceof ReplicationError) throw settings
    const isCompacted = settings?.get(CLEANUP_POLICY)?.value?.includes('compact') ?? false
    known.set(topic, { isCompacted, at: clock.now() })
    return isCompacted
  }
}
