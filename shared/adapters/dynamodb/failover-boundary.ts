import { packPoints, type TopicBoundary, unpackPoints } from '../../domain/failover/boundary.ts'
import type { BoundaryLedger } from '../../usecases/failover/failover-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { BOUNDARY_PREFIX, boundaryKey, executionKey, stepKey } from './failover-keys.ts'
import { type Guard, type LinkTable, namesIn } from './link-table.ts'
import { bytes, type Item, StoredItem, text } from './stored-item.ts'

const thereIsNoneYet = 'attribute_not_exists(#pk)'
const theStepIsNotDoneYet = '(attribute_not_exists(#pk) OR #outcome <> :done)'

/** Where every partition stood before the promotion, in the table of the forward link. */
export const failoverBoundary = (table: LinkTable): BoundaryLedger => ({
  record: (execution, topic, deadline) => record(table, execution, topic, deadline),
  topics: (execution, deadline) => topics(table, execution, deadline),
})

const record = async (
  table: LinkTable,
  execution: string,
  topic: TopicBoundary,
  deadline: Deadline,
): Promise<'recorded' | 'kept' | 'closed'> => {
  const key = stepKey(execution, { step: 'boundary', attempt: 1 })
  const guard: Guard = { key, where: theStepIsNotDoneYet, values: { ':done': text('done') } }
  const doing = `recording where ${topic.topic} stands before the failover ${execution}`
  const condition = { where: thereIsNoneYet }
  const outcome = await table.putGuarded(boundaryItem(execution, topic), condition, guard, doing, deadline)
  if (outcome.written) return 'recorded'
  return outcome.stored === undefined ? 'closed' : 'kept'
}

const topics = async (table: LinkTable, execution: string, deadline: Deadline): Promise<readonly TopicBoundary[]> => {
  const isBoundaryOfIt = '#pk = :pk AND begins_with(#sk, :boundary)'
  const input = {
    KeyConditionExpression: isBoundaryOfIt,
    ExpressionAttributeNames: namesIn(isBoundaryOfIt),
    ExpressionAttributeValues: { ':pk': text(executionKey(execution)), ':boundary': text(BOUNDARY_PREFIX) },
  }
  const found: TopicBoundary[] = []
  for await (const items of table.query(input, `reading the boundary of the failover ${execution}`, deadline))
    found.push(...items.map(parseBoundary))
  return found
}

const boundaryItem = (execution: string, boundary: TopicBoundary): Item => {
  const { topic, targetTopic, targetIncarnation, points } = boundary
  const { pk, sk } = boundaryKey(execution, topic)
  return {
    pk: text(pk),
    sk: text(sk),
    topic: text(topic),
    targetTopic: text(targetTopic),
    targetIncarnation: text(targetIncarnation),
    points: bytes(packPoints(points)),
  }
}

const parseBoundary = (item: Item): TopicBoundary => {
  const stored = new StoredItem(item)
  return {
    topic: stored.text('topic'),
    targetTopic: stored.text('targetTopic'),
    targetIncarnation: stored.text('targetIncarnation'),
    points: pointsIn(stored),
  }
}

const pointsIn = (stored: StoredItem): TopicBoundary['points'] => {
  try {
    return unpackPoints(stored.bytes('points'))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return stored.refuse('points', 'a packed boundary', error)
  }
}
