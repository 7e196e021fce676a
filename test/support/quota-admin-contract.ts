import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ClientQuota, quotaText } from '../../shared/domain/access/client-quota.ts'
import type { QuotaAdmin } from '../../shared/usecases/access/access-ports.ts'
import { inTime } from './in-time.ts'

/** What is needed to hold a `QuotaAdmin` to its contract. */
export interface QuotaWorld {
  /** Of a target. */
  readonly admin: QuotaAdmin
  close?(): Promise<void>
}

const SHOWN_WITHIN_MS = 20_000

const producer = { key: 'producer_byte_rate', value: 1_048_576 }
const consumer = { key: 'consumer_byte_rate', value: 2_000_000 }
const requests = { key: 'request_percentage', value: 12.25 }

const QUOTAS: readonly ClientQuota[] = [
  { user: 'app', ...producer },
  { user: 'app', ...consumer },
  { user: 'app', clientId: 'shop', ...requests },
  { clientId: 'shop', ...producer },
  { user: 'CN=x y,O="z"', ...producer },
]

/** The sentences that hold for every `QuotaAdmin`. */
export const describeQuotaAdmin = (name: string, open: () => Promise<QuotaWorld>) =>
  describe(`${name} keeps the contract of a quota admin`, () => {
    let world: QuotaWorld
    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world?.close?.())

    const sorted = (quotas: readonly ClientQuota[]): string[] =>
      quotas.map((quota) => `${quotaText(quota)} ${quota.value}`).sort()
    const shows = (expected: readonly ClientQuota[]): Promise<void> =>
      expect
        .poll(async () => sorted((await world.admin.list(inTime())).quotas), { timeout: SHOWN_WITHIN_MS })
        .toEqual(sorted(expected))
    const allDone = (quotas: readonly ClientQuota[]) => new Map(quotas.map((quota) => [quotaText(quota), 'done']))

    it('sets quotas of users, of client ids, and of both', async () => {
      expect(await world.admin.alter(QUOTAS, inTime())).toEqual(allDone(QUOTAS))
      await shows(QUOTAS)
    })

    it('changes one quota, and no other of that holder', async () => {
      const [first, ...others] = QUOTAS as [ClientQuota, ...ClientQuota[]]
      const changed = { ...first, value: 7 }
      expect(await world.admin.alter([changed], inTime())).toEqual(allDone([changed]))
      await shows([changed, ...others])
    })

    it('takes quotas away, those that are gone as well', async () => {
      for (const [at, { value: _, ...quota }] of QUOTAS.entries()) {
        for (const _ of ['once', 'twice'])
          expect(await world.admin.alter([quota], inTime())).toEqual(new Map([[quotaText(quota), 'done']]))
        await shows(QUOTAS.slice(at + 1))
      }
    })

    it('does nothing when there is nothing to do, or no time', async () => {
      expect(await world.admin.alter([], inTime())).toEqual(new Map())
      const late = { at: Date.now() - 1, signal: AbortSignal.abort() }
      await expect(world.admin.alter(QUOTAS, late)).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' })
      await shows([])
    })
  })
