import { gunzipSync } from 'node:zlib'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { createDynamoDbClient } from '../../../shared/adapters/dynamodb/dynamodb-client.ts'
import { failoverPending } from '../../../shared/adapters/dynamodb/failover-pending.ts'
import { LinkTable } from '../../../shared/adapters/dynamodb/link-table.ts'
import { tailLedger } from '../../../shared/adapters/dynamodb/tail-ledger.ts'
import { startDeadline } from '../../../shared/adapters/running-deadline.ts'
import type { PendingDebts } from '../../../shared/domain/failover/pending-debts.ts'
import { type TailFigures, tailFigures } from '../../../shared/domain/failover/stranded-tail.ts'
import { failoverBucketName, tableName } from '../../../shared/domain/link-names.ts'
import type { Link } from '../../../shared/domain/topology/topology.ts'
import type { Deadline } from '../../../shared/usecases/ports.ts'
import { clientSettings } from '../../aws/deployed-stack.ts'
import { LOCAL_ACCOUNT } from '../../aws/gateway/mapping-configuration.ts'
import { placeOf } from './acknowledged-writes.ts'
import type { LyingRecords } from './stranded-truth.ts'

const ASK_WITHIN_MS = 10_000

/** What a failover along a link owes the old active cluster, and what was kept of it: as the table and the bucket have it. */
export class OwedToCluster {
  readonly #dynamoDb: ReturnType<typeof createDynamoDbClient>
  readonly #table: LinkTable
  readonly #s3: S3Client
  readonly #bucket: string

  constructor(endpoint: string, link: Link) {
    const settings = clientSettings(endpoint, link.target.region)
    this.#dynamoDb = createDynamoDbClient(settings)
    this.#table = new LinkTable({ client: this.#dynamoDb, name: tableName(link) })
    this.#s3 = new S3Client({ ...settings, forcePathStyle: true })
    this.#bucket = failoverBucketName(link, LOCAL_ACCOUNT)
  }

  close(): void {
    this.#dynamoDb.destroy()
    this.#s3.destroy()
  }

  /** `undefined`: all of it is settled. */
  pending(): Promise<PendingDebts | undefined> {
    return within((deadline) => failoverPending(this.#table).pending(deadline))
  }

  /** As whoever settled it has counted. */
  counted(execution: string): Promise<TailFigures> {
    return within(async (deadline) => tailFigures(await tailLedger(this.#table).parts(execution, deadline)))
  }

  /** The exported records, read without any code of the product. */
  async exported(execution: string): Promise<LyingRecords> {
    const there = { Bucket: this.#bucket, Prefix: `tails/${execution}/` }
    const { Contents: objects = [], IsTruncated: isMore } = await this.#s3.send(new ListObjectsV2Command(there))
    if (isMore === true)
      throw new Error(`reading the tail of ${execution}: it has more objects than are listed at once`)
    const records = new Map<string, { readonly id: string; readonly text: string }>()
    for (const { Key } of objects) for (const line of await this.#lines(Key ?? '')) records.set(...recordIn(line))
    return records
  }

  async #lines(Key: string): Promise<readonly string[]> {
    const { Body: body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key }))
    const packed = await body?.transformToByteArray()
    return gunzipSync(packed ?? new Uint8Array())
      .toString()
      .split('\n')
      .filter((line) => line !== '')
  }
}

const within = async <Answer>(ask: (deadline: Deadline) => Promise<Answer>): Promise<Answer> => {
  const deadline = startDeadline(ASK_WITHIN_MS)
  try {
    return await ask(deadline)
  } finally {
    deadline.end()
  }
}

/** Where it lay, and what it was; all bytes of a line are base64 already. */
const recordIn = (line: string): readonly [place: string, record: { readonly id: string; readonly text: string }] => {
  const { topic, partition, offset, timestamp, key, value, headers } = JSON.parse(line)
  const id = Buffer.from(key ?? '', 'base64').toString()
  return [placeOf({ topic, partition }, BigInt(offset)), { id, text: JSON.stringify([timestamp, key, value, headers]) }]
}
