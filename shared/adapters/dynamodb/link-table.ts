import { setTimeout as pause } from 'node:timers/promises'
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import { initialStatus, type LinkStatus } from '../../domain/head.ts'
import type { Clock, Deadline } from '../../usecases/ports.ts'
import type { ItemKey } from './item-keys.ts'
import { asStateError } from './state-errors.ts'
import { type Item, integer, text } from './stored-item.ts'

export type TableQuery = Omit<QueryCommandInput, 'TableName'>
export type TableScan = Omit<ScanCommandInput, 'TableName'>

export interface LinkTableOptions {
  readonly client: DynamoDBClient
  readonly name: string
  readonly clock?: Clock
  /** How long sealed pages and gaps are kept. @default for ever */
  readonly retentionMs?: number
  /** How the link is before anybody has changed it. @default `forwarding` */
  readonly initialMode?: 'forwarding' | 'stopped'
}

/** `where` is an expression of named clauses; each `#name` in it stands for the attribute of that name. */
export interface Condition {
  readonly where: string
  readonly values?: Item
}

/** What a conditional write met: it was done, or the condition does not hold for what is stored. */
export type WriteOutcome = { readonly written: true } | { readonly written: false; readonly stored: Item | undefined }

/** What has to be true of another item of the table for a write to be done, in one transaction with it. */
export interface Guard extends Condition {
  readonly key: ItemKey
}

/** `guarded`: whether the guard held. `stored`: what the condition of the item itself met, where that did not hold. */
export type GuardedOutcome =
  | { readonly written: true }
  | { readonly written: false; readonly guarded: boolean; readonly stored: Item | undefined }

/** What DynamoDB takes in one BatchGetItem. */
const KEYS_PER_REQUEST = 100
const FIRST_PAUSE_MS = 25
const LONGEST_PAUSE_MS = 1_000
const MAY_PASS = new Set<ErrorCode>(['STATE_THROTTLED', 'STATE_UNREACHABLE'])

/** The table of one link: requests with deadlines, conditions and our errors; it knows nothing of what items mean. */
export class LinkTable {
  readonly name: string
  readonly initialStatus: LinkStatus
  readonly #client: DynamoDBClient
  readonly #clock: Clock
  readonly #retentionMs: number | undefined

  constructor({ client, name, clock = Date, retentionMs, initialMode = 'forwarding' }: LinkTableOptions) {
    this.name = name
    this.initialStatus = initialStatus(initialMode)
    this.#client = client
    this.#clock = clock
    this.#retentionMs = retentionMs
  }

  /** What to add to an item that DynamoDB may delete when its time is over. */
  expiry(): Item {
    if (this.#retentionMs === undefined) return {}
    return { expiresAt: integer(Math.ceil((this.#clock.now() + this.#retentionMs) / 1_000)) }
  }

  /** DynamoDB deletes expired items within days only, and other implementations never. */
  expired({ expiresAt }: Item): boolean {
    return expiresAt?.N !== undefined && Number(expiresAt.N) * 1_000 <= this.#clock.now()
  }

  async put(item: Item, { where, values }: Condition, doing: string, deadline: Deadline): Promise<WriteOutcome> {
    const input: PutItemCommandInput = {
      TableName: this.name,
      Item: item,
      ConditionExpression: where,
      ExpressionAttributeNames: namesIn(where),
      ...(values && { ExpressionAttributeValues: values }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }
    const send = () => this.#client.send(new PutItemCommand(input), { abortSignal: deadline.signal })
    return await this.#try(() => written(send(), doing), deadline)
  }

  /** One transaction: whoever loses what the guard says of them writes nothing any more. */
  async putGuarded(
    item: Item,
    condition: Condition,
    guard: Guard,
    doing: string,
    deadline: Deadline,
  ): Promise<GuardedOutcome> {
    const input: TransactWriteItemsCommandInput = {
      TransactItems: [
        { Put: { TableName: this.name, Item: item, ...expressed(condition) } },
        { ConditionCheck: { TableName: this.name, Key: keyItem(guard.key), ...expressed(guard) } },
      ],
    }
    const send = () => this.#client.send(new TransactWriteItemsCommand(input), { abortSignal: deadline.signal })
    return await this.#try(() => guarded(send(), doing), deadline)
  }

  async set(
    key: ItemKey,
    change: string,
    { where, values }: Condition,
    doing: string,
    deadline: Deadline,
  ): Promise<WriteOutcome> {
    const input: UpdateItemCommandInput = {
      TableName: this.name,
      Key: keyItem(key),
      UpdateExpression: `SET ${change}`,
      ConditionExpression: where,
      ExpressionAttributeNames: namesIn(`${change} ${where}`),
      ...(values && { ExpressionAttributeValues: values }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }
    const send = () => this.#client.send(new UpdateItemCommand(input), { abortSignal: deadline.signal })
    return await this.#try(() => written(send(), doing), deadline)
  }

  async remove(key: ItemKey, { where, values }: Condition, doing: string, deadline: Deadline): Promise<WriteOutcome> {
    const input: DeleteItemCommandInput = {
      TableName: this.name,
      Key: keyItem(key),
      ConditionExpression: where,
      ExpressionAttributeNames: namesIn(where),
      ...(values && { ExpressionAttributeValues: values }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }
    const send = () => this.#client.send(new DeleteItemCommand(input), { abortSignal: deadline.signal })
    return await this.#try(() => written(send(), doing), deadline)
  }

  /** Strongly consistent. Keys must differ; keys without an item bring nothing. */
  async getAll(keys: readonly ItemKey[], doing: string, deadline: Deadline): Promise<Item[]> {
    const chunks = Array.from({ length: Math.ceil(keys.length / KEYS_PER_REQUEST) }, (_, at) =>
      keys.slice(at * KEYS_PER_REQUEST, (at + 1) * KEYS_PER_REQUEST),
    )
    const answers = await Promise.allSettled(chunks.map((chunk) => this.#getChunk(chunk.map(keyItem), doing, deadline)))
    return answers.flatMap((answer) => {
      if (answer.status === 'rejected') throw answer.reason
      return answer.value
    })
  }

  /** Strongly consistent; one request for each round of the loop that reads it. */
  async *query(input: TableQuery, doing: string, deadline: Deadline): AsyncGenerator<Item[]> {
    let next: Item | undefined
    do {
      const command = new QueryCommand({
        ...input,
        TableName: this.name,
        ConsistentRead: true,
        ...(next && { ExclusiveStartKey: next }),
      })
      const send = () => mapped(this.#client.send(command, { abortSignal: deadline.signal }), doing)
      const answer = await this.#try(send, deadline)
      next = answer.LastEvaluatedKey
      yield answer.Items ?? []
    } while (next !== undefined)
  }

  async *scan(input: TableScan, doing: string, deadline: Deadline): AsyncGenerator<Item[]> {
    let next: Item | undefined
    do {
      const command = new ScanCommand({ ...input, TableName: this.name, ...(next && { ExclusiveStartKey: next }) })
      const send = () => mapped(this.#client.send(command, { abortSignal: deadline.signal }), doing)
      const answer = await this.#try(send, deadline)
      next = answer.LastEvaluatedKey
      yield answer.Items ?? []
    } while (next !== undefined)
  }

  async #getChunk(keys: Item[], doing: string, deadline: Deadline): Promise<Item[]> {
    const found: Item[] = []
    let left = keys
    for (let attempt = 0; ; attempt++) {
      const command = new BatchGetItemCommand({ RequestItems: { [this.name]: { Keys: left, ConsistentRead: true } } })
      const send = () => mapped(this.#client.send(command, { abortSignal: deadline.signal }), doing)
      const answer = await this.#try(send, deadline)
      found.push(...(answer.Responses?.[this.name] ?? []))
      left = answer.UnprocessedKeys?.[this.name]?.Keys ?? []
      if (left.length === 0) return found
      const heldBack = `${doing}: ${left.length} of ${keys.length} items were held back`
      await this.#breathe(attempt, new ReplicationError('STATE_THROTTLED', heldBack), deadline)
    }
  }

  /**
   * Until the deadline, which throws the trouble before it: a read changes nothing, a write's condition makes a
   * repetition harmless, and a checkpoint that is given up brings its records a second time.
   */
  async #try<Answer>(send: () => Promise<Answer>, deadline: Deadline): Promise<Answer> {
    let trouble: ReplicationError | undefined
    for (let attempt = 0; ; attempt++) {
      try {
        return await send()
      } catch (error) {
        if (!(error instanceof ReplicationError) || !MAY_PASS.has(error.code)) throw error
        if (deadline.signal.aborted) throw trouble ?? error
        trouble = error
      }
      await this.#breathe(attempt, trouble, deadline)
    }
  }

  /** Throws the trouble when there is no time for another attempt. */
  async #breathe(attempt: number, trouble: ReplicationError, deadline: Deadline): Promise<void> {
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2)
    if (this.#clock.now() + pauseMs >= deadline.at) throw trouble
    await pause(pauseMs, undefined, { signal: deadline.signal }).catch(() => {
      throw trouble
    })
  }
}

const keyItem = ({ pk, sk }: ItemKey): Item => ({ pk: text(pk), sk: text(sk) })

/** Every attribute is named by a `#`, since nobody remembers the list of reserved words. */
export const namesIn = (expression: string): Record<string, string> =>
  Object.fromEntries([...expression.matchAll(/#(\w+)/g)].map(([placeholder, name = '']) => [placeholder, name]))

const expressed = ({ where, values }: Condition) => ({
  ConditionExpression: where,
  ExpressionAttributeNames: namesIn(where),
  ...(values && { ExpressionAttributeValues: values }),
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
})

const mapped = async <Answer>(answer: Promise<Answer>, doing: string): Promise<Answer> => {
  try {
    return await answer
  } catch (error) {
    throw asStateError(error, doing)
  }
}

const written = async (answer: Promise<unknown>, doing: string): Promise<WriteOutcome> => {
  try {
    await answer
    return { written: true }
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { written: false, stored: error.Item }
    throw asStateError(error, doing)
  }
}

const CONDITION_FAILED = 'ConditionalCheckFailed'

const guarded = async (answer: Promise<unknown>, doing: string): Promise<GuardedOutcome> => {
  try {
    await answer
    return { written: true }
  } catch (error) {
    const [item, guard] = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : []
    const failed = [item, guard].map((reason) => reason?.Code === CONDITION_FAILED)
    if (!failed.includes(true)) throw asStateError(error, doing)
    return { written: false, guarded: !failed[1], stored: item?.Item }
  }
}
