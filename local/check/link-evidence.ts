import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import { gapLedger } from '../../shared/adapters/dynamodb/gap-ledger.ts'
import { pagesUpTo, partitionKey } from '../../shared/adapters/dynamodb/item-keys.ts'
import { linkState } from '../../shared/adapters/dynamodb/link-state.ts'
import { LinkTable, namesIn } from '../../shared/adapters/dynamodb/link-table.ts'
import { offsetMapPages } from '../../shared/adapters/dynamodb/offset-map-pages.ts'
import { parsePage } from '../../shared/adapters/dynamodb/page-item.ts'
import { text } from '../../shared/adapters/dynamodb/stored-item.ts'
import { startDeadline } from '../../shared/adapters/running-deadline.ts'
import type { Gap, Head, LinkStatus, Page } from '../../shared/domain/head.ts'
import { tableName } from '../../shared/domain/link-names.ts'
import { type PartitionId, partitionName } from '../../shared/domain/record.ts'
import { replicaName, replicaTemplate } from '../../shared/domain/topics/topic-naming.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import type { Position } from '../../shared/domain/translation.ts'
import { translateCommitted } from '../../shared/usecases/offset-map/translate.ts'
import type { OffsetMapPages, StartedDeadline } from '../../shared/usecases/ports.ts'
import { headIn } from '../../shared/usecases/snapshot-head.ts'
import { clientSettings } from '../aws/deployed-stack.ts'
import type { Translate } from './map-truth.ts'

const READ_WITHIN_MS = 60_000
/** One offset in so many is looked up in DynamoDB itself; for the others the same pages were read at once. */
const LOOKED_UP_EVERY = 500n

/** What a topic of the source is called on the target. */
export const targetTopic = ({ naming, source }: Link, topic: string): string =>
  replicaName(replicaTemplate(naming, source.name), topic)

/** What a deployed link remembers, read from its table by whoever checks it. */
export class LinkEvidence {
  readonly #client: ReturnType<typeof createDynamoDbClient>
  readonly #table: LinkTable

  constructor(awsUrl: string, link: Link) {
    this.#client = createDynamoDbClient(clientSettings(awsUrl, link.target.region))
    this.#table = new LinkTable({ client: this.#client, name: tableName(link) })
  }

  close(): void {
    this.#client.destroy()
  }

  status(): Promise<LinkStatus> {
    return within(async (deadline) => (await linkState(this.#table).read([], deadline)).status)
  }

  /** By `partitionName`; a partition of which nothing was replicated is absent. */
  heads(partitions: readonly PartitionId[]): Promise<ReadonlyMap<string, Head>> {
    return within(async (deadline) => {
      const snapshot = await linkState(this.#table).read(partitions, deadline)
      return new Map(
        partitions.flatMap((partition): [string, Head][] => {
          const head = headIn(snapshot, partition)
          return head === undefined ? [] : [[partitionName(partition), head]]
        }),
      )
    })
  }

  gaps(partition: PartitionId): Promise<readonly Gap[]> {
    return within((deadline) => gapLedger(this.#table).gaps(partition, deadline))
  }

  /** The product's translation of every source offset from `from` to `to`, both included. */
  async translations(partition: PartitionId, from: bigint, to: bigint): Promise<Translate> {
    const head = (await this.heads([partition])).get(partitionName(partition))
    const stored = offsetMapPages(this.#table)
    const kept = head === undefined ? stored : keptPages(await this.#pages(partition, head.incarnation))
    const positions: Position[] = []
    await within(async (deadline) => {
      for (let offset = from; offset <= to; offset++) {
        const pages = offset % LOOKED_UP_EVERY === 0n ? stored : kept
        const committed = { incarnation: head?.incarnation ?? '', offset }
        positions.push(await translateCommitted({ partition, head, pages }, committed, deadline))
      }
    })
    return (committed) => positions[Number(committed - from)] ?? { kind: 'unmapped' }
  }

  /** How many source offsets the map says came from the target itself. */
  async loopedOffsets(partition: PartitionId): Promise<bigint> {
    const head = (await this.heads([partition])).get(partitionName(partition))
    if (head === undefined) return 0n
    const sealed = (await this.#pages(partition, head.incarnation)).flatMap(({ runs }) => runs)
    const looped = [...sealed, ...head.openRuns].filter((run) => run.looped === true)
    return looped.reduce((offsets, { length }) => offsets + length, 0n)
  }

  #pages(partition: PartitionId, incarnation: string): Promise<Page[]> {
    const { from, to } = pagesUpTo(incarnation)
    const where = '#pk = :pk AND #sk BETWEEN :from AND :to'
    const query = {
      KeyConditionExpression: where,
      ExpressionAttributeNames: namesIn(where),
      ExpressionAttributeValues: { ':pk': text(partitionKey(partition)), ':from': text(from), ':to': text(to) },
    }
    return within(async (deadline) => {
      const pages: Page[] = []
      for await (const items of this.#table.query(query, `checking the map of ${partitionName(partition)}`, deadline))
        pages.push(...items.map(parsePage))
      return pages
    })
  }
}

const within = async <Answer>(ask: (deadline: StartedDeadline) => Promise<Answer>): Promise<Answer> => {
  const deadline = startDeadline(READ_WITHIN_MS)
  try {
    return await ask(deadline)
  } finally {
    deadline.end()
  }
}

/** All pages of one partition, ascending, asked as the table is. */
const keptPages = (pages: readonly Page[]): OffsetMapPages => {
  const lastWhere = (begins: (page: Page) => boolean): Page | undefined => {
    let low = 0
    let high = pages.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const page = pages[middle]
      if (page !== undefined && begins(page)) low = middle + 1
      else high = middle
    }
    return pages[low - 1]
  }
  return {
    pageAtSource: async (_partition, _incarnation, source) => lastWhere(({ runs }) => runs[0].source <= source),
    pageAtTarget: async (_partition, _incarnation, target) => lastWhere(({ runs }) => runs[0].target <= target),
    oldestPage: async () => pages[0],
  }
}
