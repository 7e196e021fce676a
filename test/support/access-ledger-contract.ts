import { describe, expect, it } from 'vitest'
import { type OwnRight, rightText } from '../../shared/domain/access/own-right.ts'
import type { AccessLedger } from '../../shared/usecases/access/access-ports.ts'
import { acl } from './acl-bindings.ts'

const DEADLINE = { at: Number.POSITIVE_INFINITY, signal: new AbortController().signal }
const LONG = 'n'.repeat(1_500)

const RIGHTS: readonly OwnRight[] = [
  { kind: 'acl', binding: acl('User:app', 'read', 'topic', 'west.orders') },
  { kind: 'acl', binding: acl('User:App', 'read', 'topic', 'west.orders') },
  { kind: 'acl', binding: acl('User:app', 'read', 'topic', 'west.orders', { pattern: 'prefixed' }) },
  { kind: 'acl', binding: acl('User:app', 'read', 'topic', 'west.orders', { permission: 'deny' }) },
  { kind: 'acl', binding: acl('User:app', 'read', 'topic', 'west.orders', { host: '10.0.0.1' }) },
  { kind: 'acl', binding: acl('User:CN=a "b", O=ç', 'two-phase-commit', 'transactional-id', '*') },
  { kind: 'acl', binding: acl(`User:${LONG}`, 'describe-configs', 'group', 'g') },
  { kind: 'acl', binding: acl(`User:${LONG}o`, 'describe-configs', 'group', 'g') },
  { kind: 'quota', quota: { user: 'app', key: 'producer_byte_rate' } },
  { kind: 'quota', quota: { clientId: 'app', key: 'producer_byte_rate' } },
  { kind: 'quota', quota: { user: 'app', clientId: 'app', key: 'request_percentage' } },
]

/** What the registry of a link's rights promises, whoever keeps it; `open` gives one that holds nothing. */
export const accessLedgerContract = (name: string, open: () => Promise<AccessLedger>): void => {
  const texts = async (ledger: AccessLedger): Promise<readonly string[]> =>
    (await ledger.entries(DEADLINE)).map(({ right }) => rightText(right)).sort()

  const entryOf = async (ledger: AccessLedger, right: OwnRight) => {
    const entry = (await ledger.entries(DEADLINE)).find((one) => rightText(one.right) === rightText(right))
    if (entry === undefined) throw new Error(`${rightText(right)} is not registered`)
    return entry
  }

  describe(name, () => {
    it('holds nothing at first', async () => {
      expect(await (await open()).entries(DEADLINE)).toEqual([])
    })

    it('gives every right back as it was registered, and keeps similar ones apart', async () => {
      const ledger = await open()
      for (const right of RIGHTS) await ledger.remember(right, DEADLINE)
      expect(await texts(ledger)).toEqual(RIGHTS.map(rightText).sort())
      const found = (await ledger.entries(DEADLINE)).map(({ right }) => right)
      expect(found).toEqual(expect.arrayContaining([...RIGHTS]))
    })

    it('forgets one right, and no other', async () => {
      const ledger = await open()
      for (const right of RIGHTS) await ledger.remember(right, DEADLINE)
      for (const [at, right] of RIGHTS.entries()) {
        expect(await ledger.forget(await entryOf(ledger, right), DEADLINE)).toBe('forgotten')
        expect(await texts(ledger)).toEqual(
          RIGHTS.slice(at + 1)
            .map(rightText)
            .sort(),
        )
      }
    })

    it.each(RIGHTS.slice(-1))('keeps a right that was made again since its entry was read', async (right) => {
      const ledger = await open()
      await ledger.remember(right, DEADLINE)
      const entry = await entryOf(ledger, right)
      await ledger.remember(right, DEADLINE)
      expect(await ledger.forget(entry, DEADLINE)).toBe('moved')
      expect(await texts(ledger)).toEqual([rightText(right)])
      expect(await ledger.forget(await entryOf(ledger, right), DEADLINE)).toBe('forgotten')
    })

    it('takes an entry that is gone for forgotten, since an answer may have been lost', async () => {
      const ledger = await open()
      const [right] = RIGHTS as [OwnRight]
      await ledger.remember(right, DEADLINE)
      const entry = await entryOf(ledger, right)
      await ledger.forget(entry, DEADLINE)
      expect(await ledger.forget(entry, DEADLINE)).toBe('forgotten')
    })
  })
}
