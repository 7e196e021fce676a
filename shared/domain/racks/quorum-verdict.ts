import type { Quorum } from './cluster-layout.ts'
import { type FatalRacks, survivalOf } from './rack-survival.ts'

interface QuorumCounts {
  readonly voters: number
  /** Of these. */
  readonly following: number
  /** A majority of all voters, whether they follow or not. */
  readonly needed: number
}

export type QuorumVerdict =
  | ({ readonly kind: 'safe' } & QuorumCounts)
  | ({ readonly kind: 'unsafe' } & QuorumCounts & FatalRacks)
  | { readonly kind: 'unknown'; readonly because: string }

/** Whether a majority of the voters is left when any one rack is lost. */
export const judgeQuorum = (quorum: Quorum, rackOf: (node: number) => string | undefined): QuorumVerdict => {
  if (quorum.kind === 'untold') return { kind: 'unknown', because: quorum.because }
  const { voters } = quorum
  if (voters.length === 0) return { kind: 'unknown', because: 'the cluster names no voters' }
  const following = voters.filter(({ follows }) => follows)
  const needed = Math.floor(voters.length / 2) + 1
  const members = following.map(({ node }) => {
    const rack = rackOf(node)
    return { node, ...(rack !== undefined && { rack }) }
  })
  const counts = { voters: voters.length, following: following.length, needed }
  const survival = survivalOf(members, needed)
  if (survival.kind === 'unknown') return { kind: 'unknown', because: untoldRacks(survival.untold) }
  return { ...counts, ...survival }
}

const untoldRacks = (nodes: readonly number[]): string =>
  `nobody tells the racks of the controllers ${nodes.join(', ')}, which are no brokers`
