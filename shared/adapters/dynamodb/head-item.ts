import type { Head, LastRecord } from '../../domain/head.ts'
import { packRuns } from '../../domain/packed-runs.ts'
import type { PartitionId } from '../../domain/record.ts'
import { sourceEnd, targetEnd } from '../../domain/run.ts'
import { headKey } from './item-keys.ts'
import { bytes, type Item, integer, optional, StoredItem, text } from './stored-item.ts'

export const headItem = (partition: PartitionId, head: Head): Item => {
  const { pk, sk } = headKey(partition)
  return {
    pk: text(pk),
    sk: text(sk),
    incarnation: text(head.incarnation),
    nextSource: integer(head.nextSource),
    nextTarget: integer(head.nextTarget),
    openRuns: bytes(packRuns(head.openRuns)),
    ...optional('last', head.last && { M: lastItem(head.last) }),
    ...optional('unverifiedFrom', head.unverifiedFrom === undefined ? undefined : integer(head.unverifiedFrom)),
    ...optional('rewoundTo', head.rewoundTo === undefined ? undefined : integer(head.rewoundTo)),
    ...optional('refillBelow', head.refillBelow === undefined ? undefined : integer(head.refillBelow)),
    epoch: integer(head.epoch),
    updatedAt: integer(head.updatedAt),
  }
}

const lastItem = ({ source, fingerprint, timestamp }: LastRecord): Item => ({
  source: integer(source),
  fingerprint: text(fingerprint),
  timestamp: integer(timestamp),
})

export const parseHead = (item: Item): Head => {
  const stored = new StoredItem(item)
  const head = {
    incarnation: stored.text('incarnation'),
    nextSource: stored.offset('nextSource'),
    nextTarget: stored.offset('nextTarget'),
    openRuns: stored.runs('openRuns'),
    last: stored.has('last') ? parseLast(stored.inner('last')) : undefined,
    unverifiedFrom: stored.has('unverifiedFrom') ? stored.offset('unverifiedFrom') : undefined,
    ...(stored.has('rewoundTo') && { rewoundTo: stored.offset('rewoundTo') }),
    ...(stored.has('refillBelow') && { refillBelow: stored.offset('refillBelow') }),
    epoch: stored.number('epoch'),
    updatedAt: stored.number('updatedAt'),
  }
  const newest = head.openRuns.at(-1)
  const agrees = newest === undefined || (sourceEnd(newest) <= head.nextSource && targetEnd(newest) <= head.nextTarget)
  if (!agrees) stored.refuse('openRuns', 'below nextSource and nextTarget')
  return head
}

const parseLast = (stored: StoredItem): LastRecord => ({
  source: stored.offset('source'),
  fingerprint: stored.text('fingerprint'),
  timestamp: stored.number('timestamp'),
})
