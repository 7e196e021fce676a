import type { PartitionLook } from '../lag/partition-look.ts'
import type { NewTopic, SettingChange } from './topic-facts.ts'
import type { TopicRecord } from './topic-record.ts'

/** One thing to do. `topic` is always the name on the source: a step that fails stops the later steps of its topic only. */
export type TopicStep =
  /** `lives`: of its partitions, all over, with their ends as they were last seen. */
  | { readonly kind: 'record-lost'; readonly topic: string; readonly lives: readonly PartitionLook[] }
  | { readonly kind: 'create'; readonly topic: string; readonly newTopic: NewTopic }
  /** To `to` partitions in all. */
  | {
      readonly kind: 'grow'
      readonly topic: string
      readonly targetTopic: string
      readonly from: number
      readonly to: number
    }
  | {
      readonly kind: 'alter'
      readonly topic: string
      readonly targetTopic: string
      readonly changes: readonly SettingChange[]
    }
  | { readonly kind: 'remove'; readonly topic: string; readonly targetTopic: string }
  /** To the beginning of these partitions, which are of a new life. */
  | {
      readonly kind: 'rewind-group'
      readonly topic: string
      readonly group: string
      readonly partitions: readonly number[]
    }
  /** `incarnations`: by partition, of the heads that belong to an earlier life than `next`; others are not to be touched. */
  | {
      readonly kind: 'close-heads'
      readonly topic: string
      readonly incarnations: ReadonlyMap<number, string>
      readonly next: string
    }
  /** `from`: what the ledger has now. `hold-back` comes before everything that the record keeps from happening. */
  | {
      readonly kind: 'hold-back' | 'remember'
      readonly topic: string
      readonly from: TopicRecord | undefined
      readonly to: TopicRecord
    }
  | { readonly kind: 'create-mapping'; readonly topic: string; readonly enabled: boolean }
  | {
      readonly kind: 'enable-mapping' | 'disable-mapping' | 'update-mapping' | 'remove-mapping'
      readonly topic: string
      readonly id: string
    }

/**
 * What stops comes first, and what starts comes last: a topic is whole before it is consumed. A target topic is removed
 * before the ledger says so, since a removal that is remembered is never tried again; a group goes back before the heads
 * are closed that tell that it has to.
 */
const ORDER: readonly TopicStep['kind'][] = [
  'record-lost',
  'hold-back',
  'disable-mapping',
  'remove-mapping',
  'create',
  'grow',
  'alter',
  'remove',
  'rewind-group',
  'close-heads',
  'remember',
  'create-mapping',
  'update-mapping',
  'enable-mapping',
]

/** Steps of one kind stand together, so that each kind is one request to a cluster. */
export const inOrder = (steps: readonly TopicStep[]): readonly TopicStep[] =>
  steps.toSorted((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind))
