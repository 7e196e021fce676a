import type { Lane, Standing } from '../../domain/groups/group-stand.ts'
import { type Reached, reachOf, type Skip, type SkipReason } from '../../domain/groups/position-verdict.ts'
import { countReplicated } from '../offset-map/counted-records.ts'
import { translateCommittedBack } from '../offset-map/translate.ts'
import type { Deadline } from '../ports.ts'
import type { GroupTranslation, TranslatedPartition } from './group-report.ts'
import { type GroupSurvey, type GroupSurveyDeps, surveyGroups } from './survey-groups.ts'

/** Where every position of a group leads now, also of one that the link leaves out or that is live; changes nothing. */
export const translateGroup = async (
  group: string,
  deadline: Deadline,
  deps: GroupSurveyDeps,
): Promise<GroupTranslation> => {
  const survey = await surveyGroups(deadline, deps, { only: group })
  const lanes = survey.facts.stands.flatMap((stand) => stand.leads.map((lead): Lane => ({ stand, lead })))
  const places = Map.groupBy(lanes, ({ stand, lead }) => `${lead.targetTopic} ${stand.partition}`)
  const partitions: TranslatedPartition[] = survey.skips.map((skip) => ({ ...leadsNowhere(skip) }))
  for (const [, ofPlace] of places) partitions.push(await translatePlace(ofPlace, survey, deadline))
  const [leftOut] = survey.leftOut
  const errors = [...survey.troubles, ...survey.failed.values()]
  return {
    group,
    onSource: survey.sourceGroups.get(group)?.life ?? 'absent',
    onTarget: survey.facts.targetGroups.get(group)?.life ?? 'absent',
    ...(leftOut && { leftOut }),
    partitions: partitions.sort(byPlace),
    troubles: errors.map(({ message }) => message),
  }
}

const byPlace = (one: TranslatedPartition, other: TranslatedPartition): number =>
  one.topic === other.topic ? one.partition - other.partition : one.topic < other.topic ? -1 : 1

const KINDS: Readonly<Partial<Record<SkipReason, TranslatedPartition['kind']>>> = {
  unstable: 'unstable',
  failed: 'failed',
}

const leadsNowhere = ({ topic, partition, targetTopic, because, detail }: Skip): TranslatedPartition => ({
  topic,
  partition,
  ...(targetTopic !== undefined && { targetTopic }),
  kind: KINDS[because] ?? 'unmapped',
  detail,
})

/** `lanes`: all that lead to one partition of the target. */
export const translatePlace = async (
  lanes: readonly Lane[],
  survey: GroupSurvey,
  deadline: Deadline,
): Promise<TranslatedPartition> => {
  const best = reachOf(lanes)
  const [first] = lanes
  const committed = first && committedOn(survey, first)
  const stands = committed === undefined ? {} : { committed: `${committed}` }
  if ('because' in best) return { ...leadsNowhere(best), ...sourceOf(first?.stand.standing), ...stands }
  const { stand, targetTopic, source, bound } = best
  const isEcho = lanes.every((lane) => lane.stand.echo)
  const readAgain = lanes.length === 1 ? await readAgainBy(best, committed, survey, deadline) : undefined
  return {
    topic: stand.origin.topic,
    partition: stand.partition,
    source: `${source}`,
    targetTopic,
    target: `${bound.target}`,
    kind: isEcho ? 'echo' : bound.kind,
    ...(bound.by !== undefined && { by: `${bound.by}` }),
    ...stands,
    ...(readAgain && { readAgain }),
    ...(isEcho && { detail: 'the link the other way put it there, so that it is no news on the target' }),
  }
}

const sourceOf = (standing: Standing | undefined): { readonly source?: string } =>
  standing?.kind === 'committed' ? { source: `${standing.offset}` } : {}

const committedOn = ({ facts }: GroupSurvey, { stand, lead }: Lane): bigint | undefined => {
  const ofGroup = facts.target.get(stand.group)
  const standing = ofGroup instanceof Error ? undefined : ofGroup?.get(lead.targetTopic)?.get(stand.partition)
  return standing?.kind === 'committed' ? standing.offset : undefined
}

/** What was translated is read by nobody twice; what is committed may lie before it. */
const readAgainBy = async (
  best: Reached,
  committed: bigint | undefined,
  survey: GroupSurvey,
  deadline: Deadline,
): Promise<TranslatedPartition['readAgain']> => {
  if (committed === undefined) return { atTarget: '0' }
  if (committed >= best.bound.target) return { atTarget: '0', atCommitted: '0' }
  const counted = await countBetween(best, committed, survey, deadline)
  return { atTarget: '0', ...(counted !== undefined && { atCommitted: `${counted}` }) }
}

const countBetween = async (
  { stand, targetTopic, source, bound }: Reached,
  committed: bigint,
  { ways, positions }: GroupSurvey,
  deadline: Deadline,
): Promise<bigint | undefined> => {
  const ofTopic = ways(stand.origin.topic)
  const way = ofTopic && 'ways' in ofTopic ? ofTopic.ways.find((one) => one.targetTopic === targetTopic) : undefined
  const map = way && positions.map(way, stand.partition)
  if (way === undefined || map === undefined) return undefined
  if (way.direction === 'back') return await countReplicated(map, committed, bound.target, deadline)
  const { incarnation } = way
  const before = await translateCommittedBack(map, { incarnation, offset: committed }, deadline)
  return before.kind === 'unmapped' ? undefined : await countReplicated(map, before.source, source, deadline)
}
