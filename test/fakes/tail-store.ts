import { ReplicationError } from '../../shared/domain/errors.ts'
import { partitionName } from '../../shared/domain/record.ts'
import type { TailObject, TailStore, TailStretch } from '../../shared/usecases/failover/tail-ports.ts'

/** Exported stretches in memory, in the order of their keys. */
export class FakeTailStore implements TailStore {
  /** Keys of pieces that somebody has damaged. */
  readonly damaged = new Set<string>()
  fetches = 0
  readonly kept = new Map<string, { readonly object: TailObject; readonly stretch: TailStretch }>()
  reachable = true

  place(execution: string): string {
    return `s3://bucket/tails/${execution}/`
  }

  async keep(execution: string, stretch: TailStretch): Promise<void> {
    this.#reach()
    const { records: _, gone: __, ...place } = stretch
    const [from, to] = [stretch.from, stretch.to].map((offset) => offset.toString().padStart(19, '0'))
    const key = `${execution}/${partitionName(stretch)}/${stretch.incarnation}/${from}-${to}`
    this.kept.set(key, { object: { ...place, key }, stretch })
  }

  async *objects(execution: string): AsyncGenerator<TailObject> {
    this.#reach()
    for (const [key, { object }] of [...this.kept].sort(([one], [other]) => (one < other ? -1 : 1)))
      if (key.startsWith(`${execution}/`)) yield object
  }

  async fetch({ key }: TailObject): Promise<TailStretch> {
    this.fetches++
    this.#reach()
    if (this.damaged.has(key)) throw new ReplicationError('TAIL_DAMAGED', `reading ${key}: it is not packed by gzip`)
    const found = this.kept.get(key)
    if (found === undefined) throw new ReplicationError('TAIL_UNREACHABLE', `reading ${key}: there is none`)
    return found.stretch
  }

  #reach(): void {
    if (!this.reachable) throw new ReplicationError('TAIL_UNREACHABLE', 'reaching the bucket: nobody answers')
  }
}
