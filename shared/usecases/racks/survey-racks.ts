import { ReplicationError } from '../../domain/errors.ts'
import { type RackReport, reportRacks } from '../../domain/racks/rack-report.ts'
import type { TopicSettings } from '../../domain/topics/topic-facts.ts'
import type { Deadline } from '../ports.ts'
import type { PerTopic, TopicAdmin } from '../topics/topic-ports.ts'
import type { ClusterLayout } from './rack-ports.ts'

export interface SurveyRacksDeps {
  readonly layout: ClusterLayout
  readonly topics: Pick<TopicAdmin, 'settings'>
  /** Racks of controllers that are no brokers, by node. @default none is known */
  readonly controllerRacks?: ReadonlyMap<number, string>
}

const MIN_IN_SYNC = 'min.insync.replicas'

/** Whether one cluster survives the loss of any one rack. Throws what its ports throw when nothing is known. */
export const surveyRacks = async (
  deadline: Deadline,
  { layout, topics, controllerRacks = new Map() }: SurveyRacksDeps,
): Promise<RackReport> => {
  const seen = await layout.describe(deadline)
  const names = [...new Set(seen.partitions.map(({ topic }) => topic))]
  const settings = await topics.settings(names, deadline)
  const { minInSync, troubles } = minInSyncOf(settings)
  const report = reportRacks(seen, { minInSync, controllerRacks })
  return { ...report, troubles: [...report.troubles, ...troubles] }
}

/** What one topic does not tell makes that one doubtful, and no other. */
const minInSyncOf = (settings: PerTopic<TopicSettings>) => {
  const minInSync = new Map<string, number>()
  const troubles: string[] = []
  for (const [topic, ofTopic] of settings)
    if (ofTopic instanceof ReplicationError) troubles.push(ofTopic.message)
    else {
      const count = Number(ofTopic.get(MIN_IN_SYNC)?.value)
      if (Number.isSafeInteger(count)) minInSync.set(topic, count)
      else troubles.push(`${topic} does not tell its ${MIN_IN_SYNC}`)
    }
  return { minInSync, troubles }
}
