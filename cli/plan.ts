import { parseArgs } from 'node:util'
import type { DeployedFunction } from '../shared/adapters/lambda/function-invocation.ts'
import { loadTopology } from '../shared/config/load-topology.ts'
import { ReplicationError } from '../shared/domain/errors.ts'
import { type Followed, followedOf } from '../shared/domain/topology/followed.ts'
import type { Link } from '../shared/domain/topology/topology.ts'
import { readAccessPass } from './access-text.ts'
import { type Answer, askAll, followerOf, type Invoke, unreadable } from './asking.ts'
import { findLink } from './deployed-link.ts'
import { readGroupPass } from './group-text.ts'
import type { PassMode, PassReading } from './pass-text.ts'
import { type ExitCode, type Terminal, toJson } from './terminal.ts'
import { readTopicPass } from './topic-text.ts'
import { UsageError } from './usage-error.ts'

const FLAGS = `  --only WHAT       topics, groups or access, instead of all that follow on the link
  --verbose         all of it, instead of the first of what is left out, moved or granted
  --topology NAME   the file in infra/topologies/ (default: local)
  --json            one JSON document on standard output, with all of it: { link, mode, topics, groups, access }`

export const PLAN_USAGE = `twinshore plan <link> [--only WHAT] [--verbose] [--topology NAME] [--json]

Prints what the next passes over a link would do, and what they leave out and why. Topics: topics, partitions and settings
on the target, event source mappings. Groups: the positions of consumer groups that would move. Access: the rights that
would be granted, held until the target is promoted, or revoked. Changes nothing. It is the deployed functions that look,
because they reach both clusters from where they run; so they look with the topology as it was deployed. After a change of
the topology's file, \`cdk diff\` says what a deploy would change.

${FLAGS}

Exit codes: 0 also when there is something to do; 1 when something stands until somebody acts, or a function could find
nothing out; the others are shown all the same.

Examples
  npx twinshore plan west-east
  npx twinshore plan west-east --only groups --verbose
  npx twinshore plan west-east --json --topology self-managed-pair`

export const APPLY_USAGE = `twinshore apply <link> [--only WHAT] [--verbose] [--topology NAME] [--json]

Makes at once the passes that the schedules make every minute, or every five minutes for access rights, and prints what
became of them. Doing it twice, or while a schedule does it, is harmless. What a pass cannot end in its 55 seconds, the next
one goes on with.

${FLAGS}

Exit codes: 0 when everything was done; 1 when something was not, or stands until somebody acts.

Examples
  npx twinshore apply west-east
  npx twinshore apply west-east --only topics
  npx twinshore apply west-east --json --topology self-managed-pair`

export const runPlan = (args: readonly string[], terminal: Terminal, invoke?: Invoke): Promise<ExitCode> =>
  run('plan', args, terminal, invoke)

export const runApply = (args: readonly string[], terminal: Terminal, invoke?: Invoke): Promise<ExitCode> =>
  run('apply', args, terminal, invoke)

const READERS: Readonly<Record<Followed, (answer: unknown) => PassReading | undefined>> = {
  topics: readTopicPass,
  groups: readGroupPass,
  access: readAccessPass,
}

/** One part of what is printed: a pass, or why nothing is known of it. */
type Section = { readonly what: Followed } & (
  | { readonly kind: 'pass'; readonly pass: PassReading }
  | { readonly kind: 'failed'; readonly error: ReplicationError }
)

const run = async (
  mode: PassMode,
  args: readonly string[],
  terminal: Terminal,
  invoke: Invoke | undefined,
): Promise<ExitCode> => {
  const { link: name, only, topology, json, verbose } = parsePlanArguments(mode, args)
  const link = findLink(await loadTopology(topology), name)
  const asked = chosen(link, only).map((what) => ({ what, deployed: followerOf(link, what) }))
  const answers = await askAll(
    asked.map(({ deployed }) => deployed),
    { mode },
    terminal,
    invoke,
  )
  const sections = asked.map(({ what, deployed }, index) => readSection(what, deployed, answers[index]))
  terminal.result(json ? asJson(name, mode, sections) : describeAll(name, mode, sections, verbose))
  return sections.some((section) => section.kind === 'failed' || section.pass.trouble) ? 1 : 0
}

const FOLLOWED = ['topics', 'groups', 'access'] as const satisfies Followed[]

const parsePlanArguments = (mode: PassMode, args: readonly string[]) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      only: { type: 'string' },
      topology: { type: 'string', default: 'local' },
    },
  })
  const [link, ...others] = positionals
  if (link === undefined || others.length > 0) throw new UsageError(`${mode} takes the name of one link`)
  const only = FOLLOWED.find((what) => what === values.only)
  if (values.only !== undefined && only === undefined) throw new UsageError(`--only takes ${FOLLOWED.join(', ')}`)
  return { ...values, link, only }
}

const chosen = (link: Link, only: Followed | undefined): readonly Followed[] => {
  const wanted = only === undefined ? followedOf(link) : [only]
  if (wanted.length > 0) return wanted
  const doing = `looking for what follows on ${link.name}: the topology says syncTopics: false and syncGroups: false, and no access`
  throw new ReplicationError('CONFIG_INVALID', doing)
}

const readSection = (what: Followed, deployed: DeployedFunction, answer: Answer | undefined): Section => {
  if (answer?.kind === 'failed') return { what, ...answer }
  const pass = READERS[what](answer?.answer)
  return pass === undefined
    ? { what, kind: 'failed', error: unreadable(deployed, 'report of a pass') }
    : { what, kind: 'pass', pass }
}

const asJson = (link: string, mode: PassMode, sections: readonly Section[]): string => {
  const told = sections.map((section) => [
    section.what,
    section.kind === 'pass'
      ? section.pass.report
      : { error: { code: section.error.code, message: section.error.message } },
  ])
  return toJson({ link, mode, ...Object.fromEntries(told) })
}

const describeAll = (link: string, mode: PassMode, sections: readonly Section[], verbose: boolean): string =>
  sections
    .map((section) => {
      const told =
        section.kind === 'pass' ? section.pass.describe(mode, { verbose }) : ['no answer', section.error.message]
      return `${section.what} of ${link}: ${told.join('\n\n')}`
    })
    .join('\n\n\n')
