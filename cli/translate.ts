import { parseArgs } from 'node:util'
import { loadTopology } from '../shared/config/load-topology.ts'
import type { Link } from '../shared/domain/topology/topology.ts'
import type { GroupTranslation } from '../shared/usecases/groups/group-report.ts'
import { askAll, followerOf, type Invoke, unreadable } from './asking.ts'
import { findLink } from './deployed-link.ts'
import { hasLists } from './pass-text.ts'
import { type ExitCode, red, type Terminal, toJson } from './terminal.ts'
import { describeTranslation, describeUnknown } from './translation-text.ts'
import { UsageError } from './usage-error.ts'

export const TRANSLATE_USAGE = `twinshore translate <link> --group G [--topology NAME] [--json]

Prints where a consumer group that moved now would resume on the target, for each partition that it committed on the source:
its position here and there, what is committed there now, and how many records it would read again. Changes nothing. Kinds:

  exact         it reads nothing again and misses nothing that is replicated
  ahead         it has read so many offsets that are not on the target yet: it resumes at the end of what is, and later
                passes follow
  before-start  it was so many offsets before the first one that was ever replicated, and resumes at the first record there is
  unmapped      nothing is replicated there yet, or only another life of the topic: it gets no position
  unstable      a transaction that would move the position is still open
  echo          the link the other way put the position there, so that it is no news on the target

  --group G         the consumer group
  --topology NAME   the file in infra/topologies/ (default: local)
  --json            one JSON document on standard output

Exit codes: 0 also when there is nothing to move; 1 when the source does not know the group, or a position could not be found out.

Examples
  npx twinshore translate west-east --group billing
  npx twinshore translate west-east --group billing --json --topology self-managed-pair`

export const runTranslate = async (args: readonly string[], terminal: Terminal, invoke?: Invoke): Promise<ExitCode> => {
  const { link: name, group, topology, json } = parseTranslateArguments(args)
  const link = findLink(await loadTopology(topology), name)
  const translation = await translated(link, group, terminal, invoke)
  if (json) terminal.result(toJson({ link: name, ...translation }))
  else if (isUnknown(translation)) terminal.note(red(describeUnknown(link, translation)))
  else terminal.result(describeTranslation(name, translation))
  return isUnknown(translation) || isIncomplete(translation) ? 1 : 0
}

const parseTranslateArguments = (args: readonly string[]) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      group: { type: 'string' },
      topology: { type: 'string', default: 'local' },
    },
  })
  const [link, ...others] = positionals
  if (link === undefined || others.length > 0) throw new UsageError('translate takes the name of one link')
  const { group } = values
  if (group === undefined || group === '') throw new UsageError('translate takes a consumer group: --group G')
  return { ...values, link, group }
}

const LISTS = ['partitions', 'troubles'] as const satisfies (keyof GroupTranslation)[]

const isTranslation = (answer: unknown): answer is GroupTranslation => hasLists(answer, LISTS)

const translated = async (
  link: Link,
  group: string,
  terminal: Terminal,
  invoke: Invoke | undefined,
): Promise<GroupTranslation> => {
  const deployed = followerOf(link, 'groups')
  const [answer] = await askAll([deployed], { mode: 'translate', group }, terminal, invoke)
  if (answer?.kind === 'failed') throw answer.error
  if (isTranslation(answer?.answer)) return answer.answer
  throw unreadable(deployed, 'translation of a group')
}

/** A group that left positions may be gone from the list of groups; one without any is nowhere. */
const isUnknown = ({ onSource, partitions }: GroupTranslation): boolean =>
  onSource === 'absent' && partitions.length === 0

const isIncomplete = ({ partitions, troubles }: GroupTranslation): boolean =>
  troubles.length > 0 || partitions.some(({ kind }) => kind === 'failed')
