import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { measured, type Watch } from './watch.ts'

/** Outlasts the restart of a broker; beats come every second, and their age is measured every ten. */
const OLDEST_BEAT_SECONDS = 120

/** When nothing proves any more that records travel from end to end. */
export const heartbeatWatches = (link: Link): readonly Watch[] => [
  {
    id: 'heartbeat-age',
    metric: measured(link, 'HeartbeatAgeSeconds', Stats.MAXIMUM),
    threshold: OLDEST_BEAT_SECONDS,
    periods: { bad: 3, of: 3 },
    missing: 'bad',
    unsafe: true,
    wrong: `No heartbeat that was written to the source within the last ${OLDEST_BEAT_SECONDS} s is on the target.`,
    means: 'Nobody beats, or nothing travels from end to end, applications included.',
    remedy: `Is heartbeat-absent on as well, then look there; else at the event source mapping of twinshore.heartbeats and at \`npx twinshore status ${link.name}\`.`,
  },
  {
    id: 'heartbeat-absent',
    metric: measured(link, 'HeartbeatsSent', Stats.SUM),
    threshold: 1,
    firesWhen: 'below',
    periods: { bad: 5, of: 5 },
    missing: 'bad',
    wrong: 'For five minutes no heartbeat has been written to the source.',
    means: 'Nothing proves that records travel from end to end; the lag goes on being measured.',
    remedy:
      'Is the schedule of heartbeat enabled, and may the login write to twinshore.heartbeats? Read the error code in the newest error of its log group; it says what to check.',
  },
]
