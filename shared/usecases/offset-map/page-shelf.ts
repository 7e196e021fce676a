import type { Page } from '../../domain/head.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import { isReplicated } from '../../domain/run.ts'
import type { OffsetMapPages } from '../ports.ts'

/** The pages of one partition that were read, and below which offset there are none. */
interface Shelf {
  readonly pages: Page[]
  noneUpToSource?: bigint
  noneUpToTarget?: bigint
  oldest?: { readonly page: Page | undefined }
}

/**
 * Reads each page once, for one pass: a page serves many groups. Whoever asks from the greatest offset down asks least,
 * since where there is no page, there is none below. What is sealed later is not seen, and lies behind the head that was
 * read.
 */
export const shelved = (pages: OffsetMapPages): OffsetMapPages => {
  const shelves = new Map<string, Shelf>()
  const shelfOf = (partition: PartitionId, incarnation: string): Shelf => {
    const name = `${incarnation} ${partitionName(partition)}`
    const shelf = shelves.get(name) ?? { pages: [] }
    shelves.set(name, shelf)
    return shelf
  }
  return {
    pageAtSource: async (partition, incarnation, source, deadline) => {
      const shelf = shelfOf(partition, incarnation)
      if (isUpTo(source, shelf.noneUpToSource)) return undefined
      const known = shelf.pages.find((page) => coversSource(page, source))
      if (known !== undefined) return known
      const page = await pages.pageAtSource(partition, incarnation, source, deadline)
      if (page === undefined) shelf.noneUpToSource = source
      else shelf.pages.push(page)
      return page
    },
    pageAtTarget: async (partition, incarnation, target, deadline) => {
      const shelf = shelfOf(partition, incarnation)
      if (isUpTo(target, shelf.noneUpToTarget)) return undefined
      const known = shelf.pages.find((page) => coversTarget(page, target))
      if (known !== undefined) return known
      const page = await pages.pageAtTarget(partition, incarnation, target, deadline)
      if (page === undefined) shelf.noneUpToTarget = target
      else shelf.pages.push(page)
      return page
    },
    oldestPage: async (partition, incarnation, deadline) => {
      const shelf = shelfOf(partition, incarnation)
      shelf.oldest ??= { page: await pages.oldestPage(partition, incarnation, deadline) }
      return shelf.oldest.page
    },
  }
}

const isUpTo = (offset: bigint, end: bigint | undefined): boolean => end !== undefined && offset <= end

/** Whether no later page begins at or below `source`. */
const coversSource = ({ runs: [first], followedBy }: Page, source: bigint): boolean =>
  first.source <= source && source < followedBy.source

/** Whether no later page has a record at or below `target`; where what follows is not known, no page does for sure. */
const coversTarget = ({ runs, followedBy }: Page, target: bigint): boolean => {
  const first = runs.find(isReplicated)
  return first !== undefined && first.target <= target && followedBy.target !== undefined && target < followedBy.target
}
