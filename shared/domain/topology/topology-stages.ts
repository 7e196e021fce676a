import type { Link, Pair } from './topology.ts'

/** What is deployed together. */
export interface StageOfLinks {
  readonly name: string
  readonly links: readonly Link[]
}

/** Every pair is a stage of its own, named by the pair; a link in no pair is one too, named by the link. */
export const stagesOf = (pairs: readonly Pair[], links: readonly Link[]): readonly StageOfLinks[] => {
  const paired = new Set(pairs.flatMap((pair) => pair.links))
  const alone = links.filter((link) => !paired.has(link))
  return [...pairs, ...alone.map((link) => ({ name: link.name, links: [link] }))]
}
