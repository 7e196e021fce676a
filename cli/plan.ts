import { parseArgs } from 'node:util'
import { type DeployedFunction, invokeFunction } from '../shared/adapters/lambda/function-invocation.ts'
import { loadTopology } from '../shared/config/load-topology.ts'
import { ReplicationError } from '../shared/domain/errors.ts'
import { stackName, topicSyncName } from '../shared/domain/link-names.ts'
import { type Link, placementOf } from '../shared/domain/topology/topology.ts'
import type { PassReport } from '../shared/usecases/pass-report.ts'
import { findLink } from './deployed-link.ts'
import { describePass, hasTrouble, type PassMode } from './pass-text.ts'
import { type ExitCode, type Terminal, toJson } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const FLAGS = `  --verbose         every topic that is left out, instead of some of them
  --topology NAME   the file in infra/topologies/ (default: local)
  --json            one JSON document on standard output, with all of it`

export const PLAN_USAGE = `twinshore plan <link> [--verbose] [--topology NAME] [--json]

Prints what the next pass over the topics of a link would do: topics, partitions and settings on the target, event source
mappings, what it leaves out and why. Changes nothing. It is the deployed function that looks, because it reaches both
clusters from where it runs; so it looks with the topology as it was deployed. After a change of the topology's file,
\`cdk diff\` says what a deploy would change.

${FLAGS}

Exit codes: 0 also when there is something to do; 1 when a topic stands until somebody acts, or nothing could be found out.

Examples
  npx twinshore plan west-east
  npx twinshore plan west-east --json --topology self-managed-pair`

export const APPLY_USAGE = `twinshore apply <link> [--verbose] [--topology NAME] [--json]

Makes at once the pass that the schedule makes every minute, and prints what became of each step. Doing it twice, or while
the schedule does it, is harmless. What a pass cannot end in its 55 seconds, the next one goes on with.

${FLAGS}

Exit codes: 0 when every step was done; 1 when one was not, or a topic stands until somebody acts.

Examples
  npx twinshore apply west-east
  npx twinshore apply west-east --json --topology self-managed-pair`

/** Asks a deployed function; only tests have another one. */
export type Invoke = (deployed: DeployedFunction, event: object) => Promise<unknown>

export const runPlan = (args: readonly string[], terminal: Terminal, invoke?: Invoke): Promise<ExitCode> =>
  run('plan', args, terminal, invoke)

export const runApply = (args: readonly string[], terminal: Terminal, invoke?: Invoke): Promise<ExitCode> =>
  run('apply', args, terminal, invoke)

/** A pass ends within 55 s; the rest is for a cold start in a network. */
const ANSWERS_WITHIN_MS = 70_000
const TELL_EVERY_MS = 10_000

const run = async (
  mode: PassMode,
  args: readonly string[],
  terminal: Terminal,
  invoke: Invoke = invokeFunction,
): Promise<ExitCode> => {
  const { link: name, topology, json, verbose } = parsePlanArguments(mode, args)
  const deployed = topicSyncOf(findLink(await loadTopology(topology), name))
  const report = parsePassReport(await waited(deployed, terminal, () => invoke(deployed, { mode })), deployed)
  terminal.result(json ? toJson({ link: name, mode, ...report }) : describePass(name, mode, report, { verbose }))
  return hasTrouble(report) ? 1 : 0
}

const parsePlanArguments = (mode: PassMode, args: readonly string[]) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      topology: { type: 'string', default: 'local' },
    },
  })
  const [link, ...others] = positionals
  if (link === undefined || others.length > 0) throw new UsageError(`${mode} takes the name of one link`)
  return { ...values, link }
}

const topicSyncOf = (link: Link): DeployedFunction => {
  if (link.syncTopics)
    return {
      region: placementOf(link).region,
      name: topicSyncName(link),
      stack: stackName(link, 'sync'),
      answersWithinMs: ANSWERS_WITHIN_MS,
    }
  const doing = `looking for what keeps the topics of ${link.name} in step: the topology says syncTopics: false`
  throw new ReplicationError('CONFIG_INVALID', doing)
}

/** Says on standard error whom it waits for, and for how long by now. */
const waited = async <T>({ name, region }: DeployedFunction, terminal: Terminal, act: () => Promise<T>): Promise<T> => {
  const startedAt = Date.now()
  terminal.note(`asking ${name} in ${region}`)
  const telling = setInterval(
    () => terminal.note(`${Math.round((Date.now() - startedAt) / 1_000)} s, and no answer yet`),
    TELL_EVERY_MS,
  )
  try {
    return await act()
  } finally {
    clearInterval(telling)
  }
}

const LISTS = ['steps', 'notes', 'leftOut', 'troubles', 'faulted'] as const

const isPassReport = (answer: unknown): answer is PassReport =>
  typeof answer === 'object' && answer !== null && LISTS.every((list) => Array.isArray(Reflect.get(answer, list)))

const parsePassReport = (answer: unknown, { name }: DeployedFunction): PassReport => {
  if (isPassReport(answer)) return answer
  const doing = `reading the answer of ${name}: it is no report of a pass; is the function of another version than this command?`
  throw new ReplicationError('FUNCTION_FAILED', doing)
}
