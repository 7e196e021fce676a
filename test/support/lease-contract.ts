import { describe, expect, it } from 'vitest'
import type { Lease } from '../../shared/usecases/lease-ports.ts'
import { inTime } from './in-time.ts'

const NOW = 1_700_000_000_000

/** What a lease promises, whoever keeps it; `open` gives one that nobody has. */
export const leaseContract = (name: string, open: () => Promise<Lease>): void => {
  describe(name, () => {
    it('is had by one at a time, who may keep it', async () => {
      const lease = await open()
      expect(await lease.acquire('one', NOW, NOW + 100, inTime())).toBe('acquired')
      expect(await lease.acquire('other', NOW + 99, NOW + 199, inTime())).toBe('held')
      expect(await lease.acquire('one', NOW + 99, NOW + 199, inTime())).toBe('acquired')
      expect(await lease.acquire('other', NOW + 150, NOW + 250, inTime())).toBe('held')
    })

    it('passes on when it has run out, and its first owner gets it no more', async () => {
      const lease = await open()
      await lease.acquire('one', NOW, NOW + 100, inTime())
      expect(await lease.acquire('other', NOW + 100, NOW + 200, inTime())).toBe('acquired')
      expect(await lease.acquire('one', NOW + 101, NOW + 201, inTime())).toBe('held')
    })

    it('is given back by its owner alone', async () => {
      const lease = await open()
      await lease.acquire('one', NOW, NOW + 100, inTime())
      await lease.release('other', inTime())
      expect(await lease.acquire('other', NOW + 1, NOW + 101, inTime())).toBe('held')
      await lease.release('one', inTime())
      expect(await lease.acquire('other', NOW + 2, NOW + 102, inTime())).toBe('acquired')
      await lease.release('one', inTime())
      expect(await lease.acquire('one', NOW + 3, NOW + 103, inTime())).toBe('held')
    })

    it('is given back without anybody having it', async () => {
      const lease = await open()
      await lease.release('one', inTime())
      expect(await lease.acquire('one', NOW, NOW + 100, inTime())).toBe('acquired')
    })

    it('goes to one of those who ask at once', async () => {
      const lease = await open()
      const owners = ['a', 'b', 'c', 'd', 'e']
      const answers = await Promise.all(owners.map((owner) => lease.acquire(owner, NOW, NOW + 100, inTime())))
      expect(answers.filter((answer) => answer === 'acquired')).toHaveLength(1)
    })
  })
}
