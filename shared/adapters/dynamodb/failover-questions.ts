import type { Question } from '../../domain/failover/question.ts'
import type { QuestionLedger } from '../../usecases/failover/failover-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { questionKey } from './failover-keys.ts'
import type { LinkTable } from './link-table.ts'
import { type Item, integer, optional, StoredItem, text } from './stored-item.ts'

/** Of two that are asked beside each other, the state machine waits for the answer to the later one. */
const itIsNotOlder = '(attribute_not_exists(#pk) OR #askedAt <= :askedAt)'

export const failoverQuestions = (table: LinkTable): QuestionLedger => ({
  ask: (execution, question, deadline) => ask(table, execution, question, deadline),
  question: (execution, kind, deadline) => read(table, execution, kind, deadline),
})

const ask = async (table: LinkTable, execution: string, question: Question, deadline: Deadline): Promise<void> => {
  const condition = { where: itIsNotOlder, values: { ':askedAt': integer(question.askedAt) } }
  const doing = `noting that the failover ${execution} asks to ${question.kind}`
  await table.put(questionItem(execution, question), condition, doing, deadline)
}

const read = async (
  table: LinkTable,
  execution: string,
  kind: Question['kind'],
  deadline: Deadline,
): Promise<Question | undefined> => {
  const [item] = await table.getAll([questionKey(execution, kind)], `reading what ${execution} asks`, deadline)
  return item && parseQuestion(item)
}

const questionItem = (execution: string, { kind, token, hash, because, askedAt, expiresAt }: Question): Item => {
  const { pk, sk } = questionKey(execution, kind)
  return {
    pk: text(pk),
    sk: text(sk),
    kind: text(kind),
    token: text(token),
    ...optional('hash', hash === undefined ? undefined : text(hash)),
    ...optional('because', because === undefined ? undefined : text(because)),
    askedAt: integer(askedAt),
    until: integer(expiresAt),
  }
}

const parseQuestion = (item: Item): Question => {
  const stored = new StoredItem(item)
  return {
    kind: stored.oneOf('kind', ['approve', 'hold']),
    token: stored.text('token'),
    ...(stored.has('hash') && { hash: stored.text('hash') }),
    ...(stored.has('because') && { because: stored.text('because') }),
    askedAt: stored.number('askedAt'),
    expiresAt: stored.number('until'),
  }
}
