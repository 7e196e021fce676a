import type {
  GroupPassFacts,
  LagFacts,
  PassFacts,
  RackFacts,
  SkippedPositions,
} from '../../domain/failover/preflight-facts.ts'
import { SKIP_REASONS } from '../../domain/groups/position-verdict.ts'
import type { AnswerReading } from './answer-reading.ts'

/** Of measure-lag, asked for its status. */
export const lagIn = (answer: AnswerReading): LagFacts => {
  const lag = answer.part('lag')
  const groups = answer.maybePart('failover')
  const timeToLossMs = lag.maybeCount('timeToLossMs')
  const sourceUnreachableSince = answer.maybeCount('sourceUnreachableSince')
  const unseenSince = answer.maybeCount('unseenSince')
  const heartbeatAgeMs = answer.maybeCount('heartbeatAgeMs')
  const rememberedAt = answer.maybeCount('rememberedAt')
  return {
    at: answer.count('at'),
    records: lag.count('records'),
    lagMs: lag.count('lagMs'),
    gone: lag.count('gone'),
    ...(timeToLossMs !== undefined && { timeToLossMs }),
    topics: answer.parts('topics').map((topic) => ({
      topic: topic.text('topic'),
      records: topic.count('records'),
      lagMs: topic.count('lagMs'),
    })),
    unseen: answer.count('unseen'),
    unmeasured: answer.count('unmeasured'),
    ...(unseenSince !== undefined && { unseenSince }),
    ...(sourceUnreachableSince !== undefined && { sourceUnreachableSince }),
    ...(heartbeatAgeMs !== undefined && { heartbeatAgeMs }),
    ...(rememberedAt !== undefined && { rememberedAt }),
    ...(groups && {
      groups: { at: groups.count('at'), groups: groups.count('groups'), reread: groups.count('reread') },
    }),
  }
}

export const racksIn = (answer: AnswerReading): RackFacts => ({
  verdict: answer.oneOf('verdict', ['safe', 'unsafe', 'unknown']),
  unsafePartitions: answer.count('unsafePartitions'),
})

/** Steps that only write down what is there: no topic or setting differs because of them. */
const BOOKKEEPING: readonly string[] = ['remember', 'hold-back', 'remove-mapping']

/** Of sync-topics; what failed is still due. */
export const topicPassIn = (answer: AnswerReading): PassFacts => ({
  due: answer
    .parts('steps')
    .filter((step) => !BOOKKEEPING.includes(step.text('kind')) && step.text('outcome') !== 'done')
    .map((step) => `${step.text('topic')}: ${step.text('what')}`),
  faulted: answer.texts('faulted'),
  troubles: answer.texts('troubles'),
})

/** Of sync-access; rights that are held until a promotion are in step. */
export const accessPassIn = (answer: AnswerReading): PassFacts => ({
  due: ['granted', 'revoked', 'quotas']
    .flatMap((list) => answer.parts(list))
    .filter((step) => step.text('outcome') !== 'done')
    .map((step) => step.text('what')),
  faulted: answer.texts('faulted'),
  troubles: answer.texts('troubles'),
})

/** Of sync-groups. */
export const groupPassIn = (answer: AnswerReading): GroupPassFacts => {
  const groups = answer.parts('groups')
  const outcomes = groups
    .flatMap((group) => group.parts('moved'))
    .flatMap((topic) => topic.parts('positions'))
    .map((position) => position.text('outcome'))
  return {
    compared: answer.count('compared'),
    live: answer.count('live'),
    positions: answer.count('positionsMoved'),
    unsettled: outcomes.filter((outcome) => outcome !== 'moved' && outcome !== 'planned').length,
    skipped: groups.flatMap(skippedIn),
    faulted: answer.texts('faulted'),
    troubles: answer.texts('troubles'),
  }
}

const skippedIn = (group: AnswerReading): readonly SkippedPositions[] =>
  group.parts('skipped').map((skipped) => ({
    group: group.text('group'),
    topic: skipped.text('topic'),
    because: skipped.oneOf('because', SKIP_REASONS),
    partitions: skipped.counts('partitions'),
  }))
