import { isDeepStrictEqual } from 'node:util'
import type { Gap, Head, Page } from '../../shared/domain/head.ts'
import { packRuns, unpackRuns } from '../../shared/domain/packed-runs.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import { sourceEnd } from '../../shared/domain/run.ts'
import type { Clock } from '../../shared/usecases/ports.ts'

interface StoredPage extends Pick<Page, 'incarnation' | 'followedBy'> {
  readonly packed: Uint8Array
  readonly expiresAtMs: number
}

export interface Retention {
  readonly clock: Clock
  readonly retentionMs: number
}

/** What the table of a link keeps of one partition: its head, sealed pages and gaps. Runs pass through the real packing. */
export class StoredPartition {
  readonly id: PartitionId
  readonly #retention: Retention
  readonly #pages = new Map<string, StoredPage>()
  readonly #gaps = new Map<string, Gap & { readonly expiresAtMs: number }>()
  #head: (Omit<Head, 'openRuns'> & { readonly packed: Uint8Array }) | undefined

  constructor({ topic, partition }: PartitionId, retention: Retention) {
    this.id = { topic, partition }
    this.#retention = retention
  }

  get head(): Head | undefined {
    if (this.#head === undefined) return undefined
    const { packed, ...head } = this.#head
    return { ...head, openRuns: unpackRuns(packed) }
  }

  putHead({ openRuns, ...rest }: Head): void {
    this.#head = { ...rest, packed: packRuns(openRuns) }
  }

  /** A page that grows takes the place of the shorter one. */
  putPage({ incarnation, followedBy, runs }: Page): void {
    const key = pageKey({ incarnation, runs })
    const known = this.#pages.get(key)
    if (known !== undefined && endOf(toPage(known)) >= endOf({ runs })) return
    this.#pages.set(key, { incarnation, followedBy, packed: packRuns(runs), expiresAtMs: this.#expiry() })
  }

  /** One that is another one by now stays. */
  removePage(page: Page): void {
    const known = this.#pages.get(pageKey(page))
    if (known !== undefined && isDeepStrictEqual(toPage(known).runs, page.runs)) this.#pages.delete(pageKey(page))
  }

  /** Oldest first, expired ones among them. */
  sealed(incarnation: string): Page[] {
    return this.#pagesOf(incarnation).map(toPage).sort(bySource)
  }

  /** Those that are not expired, oldest first. */
  pages(incarnation: string): Page[] {
    return this.#pagesOf(incarnation)
      .filter(({ expiresAtMs }) => expiresAtMs > this.#retention.clock.now())
      .map(toPage)
      .sort(bySource)
  }

  /** A wider gap of the same kind replaces a narrower one; gaps of two kinds lie side by side. */
  putGap(gap: Gap): void {
    const known = this.#gaps.get(gapKey(gap))
    if (known === undefined || known.to < gap.to) this.#gaps.set(gapKey(gap), { ...gap, expiresAtMs: this.#expiry() })
  }

  /** Those that are not expired. */
  get gaps(): Gap[] {
    return [...this.#gaps]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .filter(([, { expiresAtMs }]) => expiresAtMs > this.#retention.clock.now())
      .map(([, { expiresAtMs: _, ...gap }]) => gap)
  }

  /** When it was put back, from now on or since before; `undefined`: there is no such gap. */
  markReplayed(gap: Gap, at: number): number | undefined {
    const known = this.#gaps.get(gapKey(gap))
    if (known === undefined) return undefined
    const { replayedAt = at } = known
    this.#gaps.set(gapKey(gap), { ...known, replayedAt })
    return replayedAt
  }

  #pagesOf(incarnation: string): StoredPage[] {
    return [...this.#pages.values()].filter((page) => page.incarnation === incarnation)
  }

  #expiry(): number {
    const { clock, retentionMs } = this.#retention
    return clock.now() + retentionMs
  }
}

const padded = (offset: bigint): string => offset.toString().padStart(19, '0')
const pageKey = ({ incarnation, runs }: Pick<Page, 'incarnation' | 'runs'>): string =>
  `${incarnation}#${padded(runs[0].source)}`
const gapKey = ({ incarnation, from, kind }: Gap): string => `${incarnation}#${padded(from)}#${kind}`
const endOf = ({ runs }: Pick<Page, 'runs'>): bigint => sourceEnd(runs.at(-1) ?? runs[0])
const bySource = ({ runs: [a] }: Page, { runs: [b] }: Page): number => (a.source < b.source ? -1 : 1)

const toPage = ({ incarnation, followedBy, packed }: StoredPage): Page => {
  const [first, ...others] = unpackRuns(packed)
  if (first === undefined) throw new Error(`an empty page of ${incarnation} on the fake link state`)
  return { incarnation, followedBy, runs: [first, ...others] }
}
