import type { Gap } from '../../domain/head.ts'
import type { PartitionId } from '../../domain/record.ts'

/** The key of an item: `pk` and `sk` are the table's own, see the construct that makes the table. */
export interface ItemKey {
  readonly pk: string
  readonly sk: string
}

/** The local secondary index in which a page is found by its first target offset. */
export const BY_TARGET = { index: 'by-target', sortKey: 'byTarget' } as const

/** Digits of the largest offset that Kafka has, so that keys sort as offsets do. */
const OFFSET_DIGITS = 19
const LARGEST_OFFSET = (1n << 63n) - 1n

const PARTITION = 'PARTITION#'
const HEAD = 'head'
const GAP = 'gap#'

const padded = (offset: bigint): string => offset.toString().padStart(OFFSET_DIGITS, '0')

export const STATUS_KEY: ItemKey = { pk: 'LINK', sk: 'state' }

/** The records of all topics lie together, so that a pass over them is one query however large the offset map is. */
export const TOPICS_KEY = 'TOPICS'

/** The records of all groups, likewise; their sort keys are `groupRecordName`. */
export const GROUPS_KEY = 'GROUPS'

/** The rights that a link made lie together, and apart from all that it replicates. */
export const ACCESS_KEY = 'ACCESS'

/** What fences of the link's failovers have denied on its source, so that nothing else is ever lifted. */
export const FENCES_KEY = 'FENCES'

/** The rights that its target shall have once it is promoted, also when nobody can ask the source then. */
export const HELD_KEY = 'HELD'

/** How far the stranded tails of failovers are settled, apart so that whoever settles them may write nothing else. */
export const TAILS_KEY = 'TAILS'

/** What was seen of the lag, in chunks. */
export const LAG_KEY = 'LAG'

export const lagKey = (chunk: number): ItemKey => ({ pk: LAG_KEY, sk: `${chunk}` })

/** Apart from the state of the link, so that whoever may take a lease may not change that. */
export const LEASE_KEY = 'LEASE'

/** `name`: what the lease is for. */
export const leaseKey = (name: string): ItemKey => ({ pk: LEASE_KEY, sk: name })

/** Apart as well, so that who beats may write nothing else. */
export const HEARTBEAT_KEY: ItemKey = { pk: 'HEARTBEAT', sk: 'last' }

/** What the last scheduled verification found. */
export const VERIFICATION_KEY: ItemKey = { pk: 'VERIFY', sk: 'last' }

export const topicKey = (topic: string): ItemKey => ({ pk: TOPICS_KEY, sk: topic })

export const partitionKey = ({ topic, partition }: PartitionId): string => `${PARTITION}${topic}#${partition}`

export const headKey = (partition: PartitionId): ItemKey => ({ pk: partitionKey(partition), sk: HEAD })

/** Which of its holes were read. */
export const confirmationKey = (partition: PartitionId): ItemKey => ({ pk: partitionKey(partition), sk: 'holes' })

/** Whose head it is; `undefined` for every other item. Kafka allows no `#` in the name of a topic. */
export const partitionOfHead = ({ pk, sk }: ItemKey): PartitionId | undefined => {
  const [, topic, partition] = /^PARTITION#([^#]+)#(\d+)$/.exec(pk) ?? []
  return sk === HEAD && topic !== undefined ? { topic, partition: Number(partition) } : undefined
}

/** Sort key of a page, in the table by its first source offset and in the index by its first target offset. */
export const pageSortKey = (incarnation: string, firstOffset: bigint): string =>
  `runs#${incarnation}#${padded(firstOffset)}`

/** Sort keys of the pages of one incarnation that begin at or below `offset`. */
export const pagesUpTo = (incarnation: string, offset = LARGEST_OFFSET): { from: string; to: string } => ({
  from: pageSortKey(incarnation, 0n),
  to: pageSortKey(incarnation, offset),
})

export const GAP_PREFIX = GAP

/** The kind belongs to the key: a record in quarantine that retention takes later is in two gaps, and both matter. */
export const gapKey = (partition: PartitionId, { incarnation, from, kind }: Gap): ItemKey => ({
  pk: partitionKey(partition),
  sk: `${GAP}${incarnation}#${padded(from)}#${kind}`,
})
