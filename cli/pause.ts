import { parseArgs } from 'node:util'
import { ControlPlane, createControlPlaneClient } from '../shared/adapters/lambda/control-plane.ts'
import { mappingSwitch } from '../shared/adapters/lambda/mapping-control.ts'
import { rest } from '../shared/adapters/running-deadline.ts'
import { replicatorName } from '../shared/domain/link-names.ts'
import type { LinkMapping } from '../shared/domain/topics/mapping-plan.ts'
import { placementOf } from '../shared/domain/topology/topology.ts'
import {
  type PauseDeps,
  type PauseReport,
  pauseLink,
  pauseTopic,
  resumeLink,
  resumeTopic,
} from '../shared/usecases/topics/pause.ts'
import type { Settled } from '../shared/usecases/topics/settle-mappings.ts'
import { connectDeployedLink, type DeployedLink } from './deployed-link.ts'
import { type ExitCode, type Terminal, table, toJson } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const FLAGS = `  --topic T         this topic of the source only
  --topology NAME   the file in infra/topologies/ (default: local)
  --json            one JSON document on standard output`

export const PAUSE_USAGE = `twinshore pause <link> [--topic T] [--topology NAME] [--json]

Stops a link, or one of its topics, until it is resumed: writes it down, so that no schedule switches it on again,
disables the event source mappings, and waits until Lambda says that they are. Records wait on the source meanwhile, and
its retention takes them as ever. Of a whole link nothing is appended any more as soon as this has begun; of a topic what
is on its way still is. Pausing what is paused changes nothing.

${FLAGS}

Examples
  npx twinshore pause west-east
  npx twinshore pause west-east --topic orders --topology self-managed-pair`

export const RESUME_USAGE = `twinshore resume <link> [--topic T] [--topology NAME] [--json]

Goes on where a pause stopped, and waits until Lambda says that the mappings are enabled. Topics that were paused by
themselves stay so until they are resumed by themselves. What a failover has stopped is not resumed by this.

${FLAGS}

Examples
  npx twinshore resume west-east
  npx twinshore resume west-east --topic orders --topology self-managed-pair`

interface PauseArguments {
  readonly link: string
  readonly topic: string | undefined
  readonly topology: string
  readonly json: boolean
}

/** Lambda takes up to minutes for one mapping, and its quota spreads a thousand of them over two more. */
const WITHIN_MS = 10 * 60_000

interface Verb {
  readonly name: 'pause' | 'resume'
  readonly ofLink: typeof pauseLink
  readonly ofTopic: typeof pauseTopic
}

const PAUSE: Verb = { name: 'pause', ofLink: pauseLink, ofTopic: pauseTopic }
const RESUME: Verb = { name: 'resume', ofLink: resumeLink, ofTopic: resumeTopic }

export const runPause = (args: readonly string[], terminal: Terminal): Promise<ExitCode> => run(PAUSE, args, terminal)
export const runResume = (args: readonly string[], terminal: Terminal): Promise<ExitCode> => run(RESUME, args, terminal)

const run = async (verb: Verb, args: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  const { link: name, topic, topology, json } = parsePauseArguments(verb, args)
  const link = await connectDeployedLink(topology, name, WITHIN_MS)
  try {
    const deps = dependencies(link, terminal)
    const report = await (topic === undefined
      ? verb.ofLink(link.deadline, deps)
      : verb.ofTopic(topic, link.deadline, deps))
    terminal.result(json ? toJson({ link: name, topic, ...report }) : describeReport(verb, report))
    return report.waiting.length === 0 ? 0 : 1
  } finally {
    link.close()
  }
}

const parsePauseArguments = ({ name }: Verb, args: readonly string[]): PauseArguments => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      topic: { type: 'string' },
      topology: { type: 'string', default: 'local' },
    },
  })
  const [link, ...others] = positionals
  if (link === undefined || others.length > 0) throw new UsageError(`${name} takes the name of one link`)
  return { ...values, topic: values.topic, link }
}

const dependencies = ({ link, state, ledger, targetTopic }: DeployedLink, terminal: Terminal): PauseDeps => {
  const plane = new ControlPlane(createControlPlaneClient({ region: placementOf(link).region }))
  const { installation, name, topics: stackTopics } = link
  const mappings = mappingSwitch(plane, { installation, name, functionName: replicatorName(link), stackTopics })
  return { state, ledger, targetTopic, mappings, clock: Date, rest, progress: tellOnce(terminal) }
}

/** Of looks that see the same, the first is told. */
const tellOnce = (terminal: Terminal): ((settled: Settled) => void) => {
  let told = ''
  return ({ settled, waiting }) => {
    const line = `${settled.length} of ${settled.length + waiting.length} mappings are there${waitingFor(waiting)}`
    if (line !== told && waiting.length > 0) terminal.note(line)
    told = line
  }
}

const SHOWN = 3

const waitingFor = (waiting: readonly LinkMapping[]): string => {
  const shown = waiting.slice(0, SHOWN).map(({ topic, state }) => `${topic} is ${state}`)
  return `; ${shown.join(', ')}${waiting.length > SHOWN ? ` and ${waiting.length - SHOWN} more` : ''}`
}

const describeReport = ({ name }: Verb, { mode, noted, settled, waiting }: PauseReport): string => {
  const heading = [
    `${noted ? `noted: ${name}` : `${name}: was noted before`}; the link is ${mode}`,
    ...(waiting.length === 0 ? [] : [`not all mappings are there yet; ${name} again, or look again later`]),
    ...(name === 'resume' && settled.length + waiting.length === 0 ? ['no mapping was to be enabled'] : []),
  ].join('\n')
  const all = [...waiting, ...settled]
  if (all.length === 0) return heading
  return `${heading}\n\n${table([['topic', 'mapping', 'state'], ...all.map(({ topic, id, state }) => [topic, id, state])])}`
}
