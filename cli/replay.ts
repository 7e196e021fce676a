import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { startWithin } from '../shared/adapters/running-deadline.ts'
import { ReplicationError } from '../shared/domain/errors.ts'
import type { PartitionId } from '../shared/domain/record.ts'
import { listQuarantined, type ReplayReport } from '../shared/usecases/replication/quarantined-records.ts'
import { type ReplayDeps, replayQuarantined } from '../shared/usecases/replication/replay.ts'
import { connectDeployedLink, type DeployedLink } from './deployed-link.ts'
import { describeReplays, isWell, replaysInJson } from './replay-text.ts'
import type { ExitCode, Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

export const REPLAY_USAGE = `twinshore replay <link> [--topic T [--partition P]] [--list] [--topology NAME] [--json]

Puts quarantined records back: appends them to the end of their partition on the target, oldest first, and marks them as
replayed. They come after the records that followed them on the source. Run it where the target cluster can be reached,
after the reason of the refusal is gone (it is printed). A record that is refused again stays in quarantine; one that was
replicated in the meantime is not put there a second time. Nothing is done while the link does not forward, or somebody
else replays on it; it ends where that comes to be so, and what it had not come to waits. So does a partition that cannot be
looked through, which is told beside the others, and by exit code 1.

  --list            only print what waits, and change nothing
  --topic T         records of this source topic only
  --partition P     records of this partition only
  --topology NAME   the file in infra/topologies/ (default: local)
  --json            one JSON document on standard output

Examples
  npx twinshore replay west-east --list
  npx twinshore replay west-east --topic orders --partition 3 --topology self-managed-pair`

interface ReplayArguments {
  readonly link: string
  readonly topic: string | undefined
  readonly partition: number | undefined
  readonly topology: string
  readonly list: boolean
  readonly json: boolean
}

/** A table scan and some appends: longer than this means that something hangs. */
const REPLAY_WITHIN_MS = 10 * 60_000

export const runReplay = async (args: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  const wanted = parseReplayArguments(args)
  const link = await connectDeployedLink(wanted.topology, wanted.link, REPLAY_WITHIN_MS)
  try {
    const report = await replayAll(wanted, link)
    terminal.result(wanted.json ? replaysInJson(report) : describeReplays(report))
    return isWell(report) ? 0 : 1
  } finally {
    link.close()
  }
}

const parseReplayArguments = (args: readonly string[]): ReplayArguments => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      list: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      topic: { type: 'string' },
      partition: { type: 'string' },
      topology: { type: 'string', default: 'local' },
    },
  })
  const [link, ...others] = positionals
  if (link === undefined || others.length > 0) throw new UsageError('replay takes the name of one link')
  const partition = values.partition === undefined ? undefined : Number(values.partition)
  if (partition !== undefined && (!Number.isSafeInteger(partition) || partition < 0 || values.topic === undefined)) {
    throw new UsageError('--partition takes a partition number, together with --topic')
  }
  return { ...values, topic: values.topic, link, partition }
}

const replayAll = async (wanted: ReplayArguments, link: DeployedLink): Promise<ReplayReport> => {
  const { state, deadline } = link
  if (wanted.list) return await listQuarantined(isWanted(wanted), deadline, state)
  return await replayQuarantined(isWanted(wanted), randomUUID(), deadline, depsOf(link))
}

const isWanted =
  ({ topic, partition }: ReplayArguments) =>
  (candidate: PartitionId): boolean =>
    (topic === undefined || candidate.topic === topic) && (partition === undefined || candidate.partition === partition)

const depsOf = ({ state, quarantine, target, targetTopic, replaying, link }: DeployedLink): ReplayDeps => {
  if (quarantine === undefined) {
    const doing = `replaying records of ${link.name}: the link has no bucket now; set onPoison to quarantine, deploy, and try again`
    throw new ReplicationError('CONFIG_INVALID', doing)
  }
  const { appendDeadlineMs } = link
  return {
    ...{ state, quarantine, target, targetTopic, appendDeadlineMs },
    lease: replaying,
    clock: Date,
    within: startWithin,
  }
}
