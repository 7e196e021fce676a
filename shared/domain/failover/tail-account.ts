import { partitionName } from '../record.ts'
import { lifeName, type TailLife, type UnreadStretch } from './exported-tail.ts'
import { isCounted, isSettled, type TailPart } from './stranded-tail.ts'

/** How what was read of an exported tail compares with what the ledger counted. */
export class TailAccount {
  readonly #parts: ReadonlyMap<string, TailPart>
  readonly #read = new Map<string, { readonly life: TailLife; readonly records: bigint }>()
  readonly #unread: UnreadStretch[] = []

  constructor(parts: readonly TailPart[]) {
    this.#parts = new Map(parts.map((part) => [lifeName(part), part]))
  }

  /** Whether no piece was found at all of a tail that should have some. */
  get isNothing(): boolean {
    return this.#read.size === 0 && this.#unread.length > 0 && this.#unread.every(({ damage }) => damage === undefined)
  }

  add(finding: (TailLife & { readonly kind: 'record' }) | (UnreadStretch & { readonly kind: 'unread' })): void {
    if (finding.kind === 'unread') this.#unread.push(finding)
    else this.#addRecord(finding)
  }

  /** For people; none: all that was stranded was read. */
  get troubles(): readonly string[] {
    const unknown = [...this.#read].flatMap(([name, { life }]) =>
      this.#parts.has(name) ? [] : [`${partitionName(life)}: the ledger knows nothing of its life ${life.incarnation}`],
    )
    return [
      ...this.#unread.map(unreadText),
      ...[...this.#parts.values()].flatMap((part) => this.#about(part)),
      ...unknown,
    ]
  }

  #addRecord({ topic, partition, incarnation }: TailLife): void {
    const life = { topic, partition, incarnation }
    const name = lifeName(life)
    this.#read.set(name, { life, records: (this.#read.get(name)?.records ?? 0n) + 1n })
  }

  #about(part: TailPart): readonly string[] {
    const name = partitionName(part)
    if (!isSettled(part)) return [`${name}: settled up to offset ${part.settledTo} of ${part.to} so far; it goes on`]
    if (!isCounted(part) || this.#unread.some((stretch) => lifeName(stretch) === lifeName(part))) return []
    const read = this.#read.get(lifeName(part))?.records ?? 0n
    if (read === part.counted.records) return []
    const why =
      read < part.counted.records ? 'retention took some in between, or pieces were changed' : 'pieces were changed'
    return [`${name}: ${read} records are kept, and ${part.counted.records} were counted: ${why}`]
  }
}

const unreadText = ({ damage, from, to, ...life }: UnreadStretch): string =>
  `${partitionName(life)}: offsets ${from} to ${to - 1n} cannot be read: ${damage ?? 'the piece that held them is missing'}`
