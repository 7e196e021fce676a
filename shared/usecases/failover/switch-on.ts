import type { LinkMapping } from '../../domain/topics/mapping-plan.ts'
import type { Deadline } from '../ports.ts'
import { settleMappings, switchMappings } from '../topics/settle-mappings.ts'
import { brief } from './brief-deadline.ts'
import type { CoreDeps, PairLink } from './failover-deps.ts'

/** Enabling takes minutes, and who has been asked goes on by itself. */
const POLLERS_MS = 5_000

/** Switches the pollers of a link on, but for topics that are paused by themselves or begin anew; says how far it got. */
export const switchOn = async (
  { mappings, topics }: Pick<PairLink, 'mappings' | 'topics'>,
  deadline: Deadline,
  { clock, rest }: Pick<CoreDeps, 'clock' | 'rest'>,
): Promise<string> => {
  const records = await topics.topics(deadline)
  const wanted = ({ topic }: LinkMapping) => {
    const record = records.get(topic)
    return record?.paused || record?.restarting ? undefined : 'Enabled'
  }
  await switchMappings(wanted, deadline, { mappings, clock })
  const settling = { mappings, clock, rest, progress: () => undefined }
  const { settled, waiting } = await settleMappings(wanted, brief(deadline, POLLERS_MS, { clock }), settling)
  return `${settled.length} of ${settled.length + waiting.length} pollers are on`
}
