import type {
  DeleteItemCommandInput,
  DynamoDBClient,
  PutItemCommandInput,
  QueryCommandInput,
  ScanCommandInput,
  TransactWriteItemsCommandInput,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { ReplicationError } from '../../domain/errors.ts'
import { initialStatus, type LinkStatus } from '../../domain/head.ts'
import type { Clock, Deadline } from '../../usecases/ports.ts'
import { Attempts } from './attempts.ts'
import type { ItemKey } from './item-keys.ts'
import { type Item, integer, text } from './stored-item.ts'
import { type GuardedOutcome, guarded, mapped, type WriteOutcome, written } from './table-answers.ts'
import { TableRequests } from './table-requests.ts'

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

/** What has to be true of another item of the table for a write to be done, in one transaction with it. */
export interface Guard extends Condition {
  readonly key: ItemKey
}

/** What DynamoDB takes in one BatchGetItem. */
const KEYS_PER_REQUEST = 100

/** The table of one link: requests with deadlines, conditions and our errors; it knows nothing of what items mean. */
export class LinkTable {
  readonly name: string
  readonly initialStatus: LinkStatus
  readonly #requests: TableRequests
  readonly #clock: Clock
  readonly #attempts: Attempts
  readonly #retentionMs: number | undefined

  constructor({ client, name, clock = Date, retentionMs, initialMode = 'forwarding' }: LinkTableOptions) {
    this.name = name
    this.initialStatus = initialStatus(initialMode)
    this.#requests = new TableRequests(client, name)
    this.#clock = clock
    this.#attempts = new Attempts(clock)
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

  async put(item: Item, condition: Condition, doing: string, deadline: Deadline): Promise<WriteOutcome> {
    const input: PutItemCommandInput = { TableName: this.name, Item: item, ...expressed(condition) }
    const send = () => this.#requests.send('PutItem', input, deadline.signal)
    return await this.#attempts.make(() => written(send(), doing), deadline)
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
    const send = () => this.#requests.send('TransactWriteItems', input, deadline.signal)
    return await this.#attempts.make(() => guarded(send(), doing), deadline)
  }

  async set(
    key: ItemKey,
    change: string,
    condition: Condition,
    doing: string,
    deadline: Deadline,
  ): Promise<WriteOutcome> {
    const input: UpdateItemCommandInput = {
      TableName: this.name,
      Key: keyItem(key),
      UpdateExpression: `SET ${change}`,
      ...expressed(condition, change),
    }
    const send = () => this.#requests.send('UpdateItem', input, deadline.signal)
    return await this.#attempts.make(() => written(send(), doing), deadline)
  }

  async remove(key: ItemKey, condition: Condition, doing: string, deadline: Deadline): Promise<WriteOutcome> {
    const input: DeleteItemCommandInput = { TableName: this.name, Key: keyItem(key), ...expressed(condition) }
    const send = () => this.#requests.send('DeleteItem', input, deadline.signal)
    return await this.#attempts.make(() => written(send(), doing), deadline)
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
      const from = { ...input, TableName: this.name, ConsistentRead: true, ...(next && { ExclusiveStartKey: next }) }
      const send = () => mapped(this.#requests.send('Query', from, deadline.signal), doing)
      const answer = await this.#attempts.make(send, deadline)
      next = answer.LastEvaluatedKey
      yield answer.Items ?? []
    } while (next !== undefined)
  }

  async *scan(input: TableScan, doing: string, deadline: Deadline): AsyncGenerator<Item[]> {
    let next: Item | undefined
    do {
      const from = { ...input, TableName: this.name, ...(next && { ExclusiveStartKey: next }) }
      const send = () => mapped(this.#requests.send('Scan', from, deadline.signal), doing)
      const answer = await this.#attempts.make(send, deadline)
      next = answer.LastEvaluatedKey
      yield answer.Items ?? []
    } while (next !== undefined)
  }

  async #getChunk(keys: Item[], doing: string, deadline: Deadline): Promise<Item[]> {
    const found: Item[] = []
    let left = keys
    for (let attempt = 0; ; attempt++) {
      const wanted = { RequestItems: { [this.name]: { Keys: left, ConsistentRead: true } } }
      const send = () => mapped(this.#requests.send('BatchGetItem', wanted, deadline.signal), doing)
      const answer = await this.#attempts.make(send, deadline)
      found.push(...(answer.Responses?.[this.name] ?? []))
      left = answer.UnprocessedKeys?.[this.name]?.Keys ?? []
      if (left.length === 0) return found
      const heldBack = `${doing}: ${left.length} of ${keys.length} items were held back`
      await this.#attempts.breathe(attempt, new ReplicationError('STATE_THROTTLED', heldBack), deadline)
    }
  }
}

const keyItem = ({ pk, sk }: ItemKey): Item => ({ pk: text(pk), sk: text(sk) })

/** Every attribute is named by a `#`, since nobody remembers the list of reserved words. */
export const namesIn = (expression: string): Record<string, string> =>
  Object.fromEntries([...expression.matchAll(/#(\w+)/g)].map(([placeholder, name = '']) => [placeholder, name]))

/** As all writes say it; `change` holds names as well. */
const expressed = ({ where, values }: Condition, change = '') => ({
  ConditionExpression: where,
  ExpressionAttributeNames: namesIn(`${change} ${where}`),
  ...(values && { ExpressionAttributeValues: values }),
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
})
