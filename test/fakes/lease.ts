import type { Lease } from '../../shared/usecases/lease-ports.ts'

/** A lease in memory. The contract suite runs on it and on DynamoDB. */
export class FakeLease implements Lease {
  held: { readonly owner: string; readonly until: number } | undefined

  async acquire(owner: string, now: number, until: number): Promise<'acquired' | 'held'> {
    if (this.held !== undefined && this.held.owner !== owner && this.held.until > now) return 'held'
    this.held = { owner, until }
    return 'acquired'
  }

  async release(owner: string): Promise<void> {
    if (this.held?.owner === owner) this.held = undefined
  }
}
