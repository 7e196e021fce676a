import type { Readable } from 'node:stream'
import {
  type BatchGetItemCommandInput,
  type BatchGetItemCommandOutput,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  type QueryCommandInput,
  type QueryCommandOutput,
  type ScanCommandInput,
  type ScanCommandOutput,
  type TransactWriteItemsCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { getEndpointFromInstructions } from '@smithy/core/endpoints'
import { HttpRequest, type HttpResponse } from '@smithy/core/protocols'
import type { RequestSigner } from '@smithy/types'
import { itemsInJson, itemsOfJson } from './item-json.ts'
import type { Item } from './stored-item.ts'

/** What is asked of a table: what goes in, and what of the answer somebody reads. */
interface Operations {
  readonly BatchGetItem: [BatchGetItemCommandInput, Pick<BatchGetItemCommandOutput, 'Responses' | 'UnprocessedKeys'>]
  readonly DeleteItem: [DeleteItemCommandInput, unknown]
  readonly PutItem: [PutItemCommandInput, unknown]
  readonly Query: [QueryCommandInput, Pick<QueryCommandOutput, 'Items' | 'LastEvaluatedKey'>]
  readonly Scan: [ScanCommandInput, Pick<ScanCommandOutput, 'Items' | 'LastEvaluatedKey'>]
  readonly TransactWriteItems: [TransactWriteItemsCommandInput, unknown]
  readonly UpdateItem: [UpdateItemCommandInput, unknown]
}

/** What DynamoDB said instead of doing it; `name` is the name of its exception. The message has what AWS's support asks for. */
export class TableRefusal extends Error {
  /** What a failed condition met. */
  readonly item: Item | undefined
  /** Of a transaction, one for each part of it. */
  readonly reasons: readonly { readonly Code?: string; readonly Item?: Item }[]

  constructor(name: string, { message, Message, Item, CancellationReasons }: RefusalAnswer, sent: string) {
    super(`${message ?? Message ?? 'no message'} (${sent})`)
    this.name = name
    this.item = Item
    this.reasons = CancellationReasons ?? []
  }
}

/** AWS writes the message both ways. */
interface RefusalAnswer {
  readonly __type?: string
  readonly message?: string
  readonly Message?: string
  readonly Item?: Item
  readonly CancellationReasons?: readonly { readonly Code?: string; readonly Item?: Item }[]
}

/** Where requests go, and who signs them. */
interface Way {
  readonly endpoint: {
    readonly protocol: string
    readonly hostname: string
    readonly port?: number
    readonly path: string
  }
  readonly host: string
  readonly signer: RequestSigner
}

/**
 * Requests to one table, without the SDK's own way from a command to its bytes: every batch costs a request a partition, and
 * that way took a quarter of all the CPU of the replicate function (`bench/README.md`). Place, credentials, signature,
 * sockets and timeouts are those of the SDK's client. Nothing is tried again here, and clocks are not corrected.
 */
export class TableRequests {
  readonly #client: DynamoDBClient
  readonly #table: string
  #way: Promise<Way> | undefined

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client
    this.#table = table
  }

  /** @throws `TableRefusal`; or what the SDK's client throws, when no answer comes or nobody may sign. */
  async send<Name extends keyof Operations>(
    name: Name,
    input: Operations[Name][0],
    abortSignal: AbortSignal,
  ): Promise<Operations[Name][1]> {
    const { endpoint, host, signer } = await this.#findWay()
    const body = JSON.stringify(itemsInJson(input))
    const headers = {
      host,
      'content-type': 'application/x-amz-json-1.0',
      'content-length': `${Buffer.byteLength(body)}`,
      'x-amz-target': `DynamoDB_20120810.${name}`,
    }
    const request = await signer.sign(new HttpRequest({ ...endpoint, method: 'POST', headers, body }))
    const { response } = await this.#client.config.requestHandler.handle(request as HttpRequest, { abortSignal })
    const answer = await textOf(response.body)
    if (response.statusCode !== 200) throw refusalOf(response, answer)
    return itemsOfJson(JSON.parse(answer)) as Operations[Name][1]
  }

  /** Found once; what failed is tried again by the next request. */
  #findWay(): Promise<Way> {
    this.#way ??= wayTo(this.#table, this.#client).catch((error: unknown) => {
      this.#way = undefined
      throw error
    })
    return this.#way
  }
}

/** As the SDK resolves it: what the code, the environment or the profile names, or else DynamoDB of the region. */
const wayTo = async (table: string, { config }: DynamoDBClient): Promise<Way> => {
  const { url, properties } = await getEndpointFromInstructions({ TableName: table }, PutItemCommand, { ...config })
  const { protocol, hostname, port, pathname, host } = url
  const [scheme] = properties?.['authSchemes'] ?? []
  const endpoint = { protocol, hostname, path: pathname, ...(port !== '' && { port: Number(port) }) }
  return { endpoint, host, signer: await config.signer(scheme) }
}

/** By its events: `node:stream/consumers` costs as much as the signature. */
const textOf = (body: Readable): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    body.on('data', (chunk: Buffer) => chunks.push(chunk))
    body.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    body.once('error', reject)
  })

const NAMED = /([^#]+)$/

/** What stands between us and DynamoDB answers in its own language, so that only the status is left. */
const refusalOf = ({ statusCode, headers }: HttpResponse, text: string): TableRefusal => {
  const status = `status ${statusCode}`
  const sent = `${status}, request ${headers['x-amzn-requestid'] ?? 'without an id'}`
  try {
    const answer = itemsOfJson(JSON.parse(text)) as RefusalAnswer
    return new TableRefusal(NAMED.exec(answer.__type ?? '')?.[0] ?? status, answer, sent)
  } catch {
    return new TableRefusal(status, {}, sent)
  }
}
