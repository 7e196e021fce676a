import type { TopicSettings } from '../topics/topic-facts.ts'

/** How long the brokers keep records of a topic; absent: they take none for their age. */
export const retentionMsOf = (settings: TopicSettings): number | undefined => {
  const policy = settings.get('cleanup.policy')?.value
  if (policy !== undefined && !policy.includes('delete')) return undefined
  const value = settings.get('retention.ms')?.value
  const retentionMs = value === undefined || value === '' ? Number.NaN : Number(value)
  return Number.isFinite(retentionMs) && retentionMs >= 0 ? Math.min(retentionMs, Number.MAX_SAFE_INTEGER) : undefined
}
