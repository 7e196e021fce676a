import { describe, expect, it } from 'vitest'
import type { ClientPointer } from '../../shared/domain/failover/client-pointer.ts'
import type { PointerPlace } from '../../shared/usecases/failover/fence-ports.ts'
import { inTime } from './in-time.ts'

const pointer = (epoch: number): ClientPointer => ({
  pair: 'pair',
  cluster: 'west',
  bootstrapServers: ['b-1.west:9093', 'b-2.west:9093'],
  mayWrite: true,
  epoch,
  execution: 'first',
  startedAt: 1_000,
})

/** What a place that clients look at promises; `open` gives one that nobody has written to. */
export const pointerPlaceContract = (name: string, open: () => Promise<PointerPlace>) =>
  describe(name, () => {
    it('holds nothing at first', async () => {
      expect(await (await open()).read(inTime())).toBeUndefined()
    })

    it('counts what is written, and remembers what was there before', async () => {
      const place = await open()
      const first = await place.write(pointer(1), inTime())
      expect(await place.write(pointer(2), inTime())).toBe(first + 1)
      expect(await place.read(inTime())).toEqual({ version: first + 1, pointer: pointer(2) })
      expect(await place.read(inTime(), first)).toEqual({ version: first, pointer: pointer(1) })
      expect(await place.read(inTime(), first + 7)).toBeUndefined()
    })

    it('says in which region it is', async () => {
      expect((await open()).name).toMatch(/ in [a-z]+-[a-z]+-\d$/)
    })
  })
