import { Readable } from 'node:stream'
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  type TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { HttpRequest, HttpResponse } from '@smithy/core/protocols'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { TableRefusal, TableRequests } from '../../../../../shared/adapters/dynamodb/table-requests.ts'

afterEach(() => vi.unstubAllEnvs())

const { signal } = new AbortController()
const CREDENTIALS = { accessKeyId: 'anybody', secretAccessKey: 'anything' }

/** A client that keeps its requests, and gets one answer to all of them. */
const recorded = (answer: object | string = {}, statusCode = 200, config: DynamoDBClientConfig = {}) => {
  const requests: HttpRequest[] = []
  const body = typeof answer === 'string' ? answer : JSON.stringify(answer)
  const handle = async (request: HttpRequest) => {
    requests.push(request)
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': '4711' }
    return { response: new HttpResponse({ statusCode, headers, body: Readable.from([Buffer.from(body)]) }) }
  }
  const requestHandler = { handle } as never
  const client = new DynamoDBClient({ region: 'eu-north-1', credentials: CREDENTIALS, requestHandler, ...config })
  return { client, requests, table: new TableRequests(client, 'table') }
}

const caught = (answer: Promise<unknown>): Promise<unknown> => answer.catch((error: unknown) => error)

const told = ({ requests: [request] }: { readonly requests: readonly HttpRequest[] }) => JSON.parse(request?.body)

/** Names among which are those that the JSON of DynamoDB has itself. */
const name = fc.oneof(fc.constantFrom('B', 'S', 'M', 'L', 'Item', 'pk'), fc.string({ minLength: 1 }))
const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.record({ S: fc.string({ unit: 'binary' }) }),
    fc.record({ N: fc.bigInt().map(String) }),
    fc.record({ BOOL: fc.boolean() }),
    fc.record({ B: fc.uint8Array() }),
    fc.record({ L: fc.array(tie('value'), { maxLength: 4 }) }),
    fc.record({ M: fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }) }),
  ) as fc.Arbitrary<AttributeValue>,
}))
const item = fc.dictionary(name, value, { maxKeys: 6, noNullPrototype: true })

const put = (Item: Record<string, AttributeValue>, values = Item) => ({
  TableName: 'table',
  Item,
  ConditionExpression: '#a = :a',
  ExpressionAttributeValues: values,
})
const ANY_PUT = put({ pk: { S: 'a' }, sk: { S: 'b' } })

describe('requests to a table', () => {
  it('say what the SDK says', async () => {
    const same = fc.asyncProperty(item, item, async (first, second) => {
      const get = { RequestItems: { table: { Keys: [first, second], ConsistentRead: true } } }
      const key = { TableName: 'table', Key: first, ExpressionAttributeValues: second }
      const change = {
        ...key,
        UpdateExpression: 'SET #a = :a',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      }
      const from = { TableName: 'table', ExclusiveStartKey: first, ExpressionAttributeValues: second, Limit: 7 }
      const both = { TransactItems: [{ Put: put(first, second) }, { Put: put(second) }] }
      for (const [operation, input, command] of [
        ['PutItem', put(first, second), new PutItemCommand(put(first, second))],
        ['BatchGetItem', get, new BatchGetItemCommand(get)],
        ['UpdateItem', change, new UpdateItemCommand(change)],
        ['DeleteItem', key, new DeleteItemCommand(key)],
        ['Query', { ...from, ConsistentRead: true }, new QueryCommand({ ...from, ConsistentRead: true })],
        ['Scan', from, new ScanCommand(from)],
        ['TransactWriteItems', both, new TransactWriteItemsCommand({ ...both, ClientRequestToken: 'once' })],
      ] as const) {
        const [ours, theirs] = [recorded(), recorded()]
        await ours.table.send(operation, input as never, signal)
        await theirs.client.send(command as PutItemCommand)
        expect({ ...told(ours), ClientRequestToken: 'once' }).toEqual({ ...told(theirs), ClientRequestToken: 'once' })
        for (const header of ['x-amz-target', 'content-type', 'content-length', 'host'])
          if (operation !== 'TransactWriteItems' || header !== 'content-length')
            expect(ours.requests[0]?.headers[header]).toBe(theirs.requests[0]?.headers[header])
      }
    })
    await fc.assert(same, { numRuns: 50 })
  })

  it('read what the SDK reads', async () => {
    const same = fc.asyncProperty(item, item, async (first, second) => {
      const written = recorded()
      await written.client.send(new PutItemCommand(put(first, second)))
      const { Item, ExpressionAttributeValues: other } = told(written)
      const keys = { table: { Keys: [other] } }
      const got = { Responses: { table: [Item, other], B: [] }, UnprocessedKeys: keys }
      const { $metadata, ...theirs } = await recorded(got).client.send(new BatchGetItemCommand({ RequestItems: {} }))
      expect(await recorded(got).table.send('BatchGetItem', { RequestItems: {} }, signal)).toEqual(theirs)
      const found = { Items: [Item], LastEvaluatedKey: other }
      const { Items, LastEvaluatedKey } = await recorded(found).client.send(new QueryCommand({ TableName: 'table' }))
      const ours = await recorded(found).table.send('Query', { TableName: 'table' }, signal)
      expect(ours).toEqual({ Items, LastEvaluatedKey })
    })
    await fc.assert(same, { numRuns: 50 })
  })

  it.each<[string, DynamoDBClientConfig, Record<string, string>]>([
    ['of the region', {}, {}],
    ['of China', { region: 'cn-north-1' }, {}],
    ['that the code names', { endpoint: 'http://127.0.0.1:4566' }, {}],
    ['that the environment names', {}, { AWS_ENDPOINT_URL: 'http://127.0.0.1:4567' }],
    ['that the environment names for DynamoDB', {}, { AWS_ENDPOINT_URL_DYNAMODB: 'https://dynamodb.example:8443' }],
    ['of the account', { credentials: { ...CREDENTIALS, accountId: '123456789012' } }, {}],
    ['with FIPS', { useFipsEndpoint: true, region: 'us-east-1' }, {}],
  ])('go to the endpoint %s, as those of the SDK do', async (_which, config, environment) => {
    for (const [variable, url] of Object.entries(environment)) vi.stubEnv(variable, url)
    const [ours, theirs] = [recorded({}, 200, config), recorded({}, 200, config)]
    await ours.table.send('PutItem', ANY_PUT, signal)
    await theirs.client.send(new PutItemCommand(ANY_PUT))
    const goes = ({ requests: [request] }: typeof ours) => {
      const { method, protocol, hostname, port, path, headers } = request ?? new HttpRequest({})
      const [, scope] = /Credential=\w+\/\d+\/([^,]+),/.exec(headers['authorization'] ?? '') ?? []
      return { method, protocol, hostname, port, path, host: headers['host'], scope }
    }
    expect(goes(ours)).toEqual(goes(theirs))
    expect(goes(ours).scope).toMatch(/\/dynamodb\/aws4_request$/)
  })

  it('are signed with what the credentials are at that time, all that they say included', async () => {
    let session = 'first'
    const credentials = async () => ({ ...CREDENTIALS, sessionToken: session, expiration: new Date(0) })
    const { table, requests } = recorded({}, 200, { credentials })
    await table.send('PutItem', ANY_PUT, signal)
    session = 'second'
    await table.send('PutItem', ANY_PUT, signal)
    expect(requests.map(({ headers }) => headers['x-amz-security-token'])).toEqual(['first', 'second'])
    const names = 'content-length;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target'
    for (const { headers } of requests) expect(headers['authorization']).toContain(`SignedHeaders=${names},`)
  })

  it('find their way again when they could not find it', async () => {
    const regions = [() => Promise.reject(new Error('nobody knows')), async () => 'eu-west-3', async () => 'eu-west-3']
    const region = () => (regions.length > 1 ? regions.shift() : regions[0])?.() ?? Promise.reject()
    const { table, requests } = recorded({}, 200, { region })
    await expect(table.send('PutItem', ANY_PUT, signal)).rejects.toThrow('nobody knows')
    await table.send('PutItem', ANY_PUT, signal)
    expect(requests.map(({ hostname }) => hostname)).toEqual(['dynamodb.eu-west-3.amazonaws.com'])
  })

  it('tell a refusal by its name, with what a condition met, as the SDK does', async () => {
    const refused = fc.asyncProperty(item, async (Item) => {
      const written = recorded()
      await written.client.send(new PutItemCommand(put(Item)))
      const __type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException'
      const answer = { __type, message: 'The conditional request failed', Item: told(written).Item }
      const ours = await caught(recorded(answer, 400).table.send('PutItem', ANY_PUT, signal))
      const theirs = await caught(recorded(answer, 400).client.send(new PutItemCommand(ANY_PUT)))
      expect(ours).toBeInstanceOf(TableRefusal)
      expect(theirs).toBeInstanceOf(ConditionalCheckFailedException)
      const { Item: item, name } = theirs as ConditionalCheckFailedException
      expect(ours).toMatchObject({ name, item })
    })
    await fc.assert(refused, { numRuns: 50 })
  })

  it('tell why a transaction was refused, part by part, as the SDK does', async () => {
    const reasons = [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item: { a: { B: 'AQI=' } } }]
    const __type = 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException'
    const answer = { __type, Message: 'cancelled', CancellationReasons: reasons }
    const both = { TransactItems: [{ Put: ANY_PUT }, { Put: ANY_PUT }] }
    const ours = await caught(recorded(answer, 400).table.send('TransactWriteItems', both, signal))
    const theirs = await caught(recorded(answer, 400).client.send(new TransactWriteItemsCommand(both)))
    const { CancellationReasons, name } = theirs as TransactionCanceledException
    expect(ours).toMatchObject({ name, reasons: CancellationReasons })
    expect(CancellationReasons?.[1]?.Item?.['a']).toEqual({ B: new Uint8Array([1, 2]) })
  })

  it('tell what AWS wants to know of a request', async () => {
    const { table } = recorded({ __type: 'x#ThrottlingException', Message: 'slow down' }, 400)
    const refusal = table.send('PutItem', ANY_PUT, signal)
    await expect(refusal).rejects.toThrow('slow down (status 400, request 4711)')
  })

  it.each(['<html>Service Unavailable</html>', '', '{}', 'null'])(
    'tell the status of an answer like %j',
    async (body) => {
      const { table } = recorded(body, 503)
      await expect(table.send('PutItem', ANY_PUT, signal)).rejects.toMatchObject({ name: 'status 503' })
    },
  )

  it('take an answer that is none for an error', async () => {
    await expect(recorded('{"Items": [', 200).table.send('PutItem', ANY_PUT, signal)).rejects.toThrow(SyntaxError)
  })
})
