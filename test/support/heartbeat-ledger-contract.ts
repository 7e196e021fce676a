import { describe, expect, it } from 'vitest'
import type { HeartbeatLedger } from '../../shared/usecases/heartbeat/heartbeat-ports.ts'
import { inTime } from './in-time.ts'

const AT = 1_700_000_000_000
const beat = (sequence: number) => ({ sequence, at: AT + sequence * 1_000 })

/** What the ledger of beats promises, whoever keeps it; `open` gives one of a link that never beat. */
export const heartbeatLedgerContract = (name: string, open: () => Promise<HeartbeatLedger>): void => {
  describe(name, () => {
    it('tells the last beat, and that there was none', async () => {
      const ledger = await open()
      expect(await ledger.read(inTime())).toBeUndefined()
      expect(await ledger.remember('one', beat(1), inTime())).toBe('remembered')
      expect(await ledger.remember('other', beat(7), inTime())).toBe('remembered')
      expect(await ledger.read(inTime())).toEqual(beat(7))
    })

    it('never goes back', async () => {
      const ledger = await open()
      await ledger.remember('one', beat(7), inTime())
      expect(await ledger.remember('one', beat(6), inTime())).toBe('superseded')
      expect(await ledger.read(inTime())).toEqual(beat(7))
    })

    it('takes the same beat again from who beat it, and from nobody else', async () => {
      const ledger = await open()
      await ledger.remember('one', beat(7), inTime())
      expect(await ledger.remember('one', beat(7), inTime())).toBe('remembered')
      expect(await ledger.remember('other', beat(7), inTime())).toBe('superseded')
    })

    it('takes a beat from one of those who beat it at once', async () => {
      const ledger = await open()
      const owners = ['a', 'b', 'c', 'd', 'e']
      const answers = await Promise.all(owners.map((owner) => ledger.remember(owner, beat(1), inTime())))
      expect(answers.filter((answer) => answer === 'remembered')).toHaveLength(1)
    })
  })
}
