import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AclBinding, bindingText } from '../../shared/domain/access/acl-binding.ts'
import type { AclAdmin } from '../../shared/usecases/access/access-ports.ts'
import { acl } from './acl-bindings.ts'
import { inTime } from './in-time.ts'

/** What is needed to hold an `AclAdmin` to its contract. */
export interface AclWorld {
  /** Of a target. */
  readonly admin: AclAdmin
  close?(): Promise<void>
}

const SHOWN_WITHIN_MS = 20_000
const MANY = 1_200

const DIFFERENT: readonly AclBinding[] = [
  acl('User:a', 'read', 'topic', 'kinds'),
  acl('User:a', 'read', 'topic', 'kinds', { pattern: 'prefixed' }),
  acl('User:a', 'read', 'topic', 'kinds', { permission: 'deny' }),
  acl('User:a', 'read', 'topic', 'kinds', { host: '10.0.0.1' }),
  acl('User:b', 'read', 'topic', 'kinds'),
  acl('User:CN=x y,O="z"', 'all', 'topic', '*'),
  acl('User:*', 'alter-configs', 'topic', 'kinds', { permission: 'deny' }),
  acl('User:a', 'delete', 'group', 'kinds'),
  acl('User:a', 'describe', 'transactional-id', 'kinds', { pattern: 'prefixed' }),
  acl('User:a', 'idempotent-write', 'cluster', 'kafka-cluster'),
  acl('User:a', 'describe-tokens', 'user', 'User:b'),
]

/** The sentences that hold for every `AclAdmin`. */
export const describeAclAdmin = (name: string, open: () => Promise<AclWorld>) =>
  describe(`${name} keeps the contract of an ACL admin`, () => {
    let world: AclWorld
    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world?.close?.())

    const listed = async (): Promise<readonly AclBinding[]> => {
      const list = await world.admin.list(inTime())
      return list.kind === 'listed' ? list.bindings : []
    }
    const texts = (bindings: readonly AclBinding[]): string[] => bindings.map(bindingText).sort()

    /** Those whose name begins so. */
    const shows = (beginning: string, expected: readonly AclBinding[]): Promise<void> =>
      expect
        .poll(async () => texts((await listed()).filter((binding) => binding.name.startsWith(beginning))), {
          timeout: SHOWN_WITHIN_MS,
        })
        .toEqual(texts(expected))

    const allDone = (bindings: readonly AclBinding[]) => new Map(bindings.map((one) => [bindingText(one), 'done']))

    it('makes ACLs of every kind, and tells of them as they were made', async () => {
      expect(await world.admin.create(DIFFERENT, inTime())).toEqual(allDone(DIFFERENT))
      const others = DIFFERENT.filter((binding) => binding.name !== 'kinds')
      await shows(
        'kinds',
        DIFFERENT.filter((binding) => binding.name === 'kinds'),
      )
      expect(texts(await listed())).toEqual(expect.arrayContaining(texts(others)))
    })

    it('removes exactly what it is told to, and nothing that looks like it', async () => {
      const kinds = DIFFERENT.filter((binding) => binding.name === 'kinds')
      for (const [at, one] of kinds.entries()) {
        expect(await world.admin.remove([one], inTime())).toEqual(allDone([one]))
        await shows('kinds', kinds.slice(at + 1))
      }
    })

    it('takes no literal away with a prefix or with the name of all', async () => {
      const literal = acl('User:a', 'read', 'topic', 'starts-here')
      const prefixed = acl('User:a', 'read', 'topic', 'starts', { pattern: 'prefixed' })
      const every = acl('User:a', 'read', 'topic', '*')
      await world.admin.create([literal, prefixed, every], inTime())
      await shows('starts', [literal, prefixed])
      await world.admin.remove([prefixed, every], inTime())
      await shows('starts', [literal])
    })

    it('takes what is there for made, and what is gone for removed', async () => {
      const one = acl('User:a', 'read', 'group', 'twice')
      for (const _ of ['once', 'twice']) expect(await world.admin.create([one], inTime())).toEqual(allDone([one]))
      await shows('twice', [one])
      for (const _ of ['once', 'twice']) expect(await world.admin.remove([one], inTime())).toEqual(allDone([one]))
      await shows('twice', [])
    })

    it('makes and removes more than one request takes', async () => {
      const many = Array.from({ length: MANY }, (_, at) => acl('User:many', 'read', 'topic', `many-${at}`))
      expect(await world.admin.create(many, inTime())).toEqual(allDone(many))
      await shows('many-', many)
      expect(await world.admin.remove(many, inTime())).toEqual(allDone(many))
      await shows('many-', [])
    })

    it('does nothing when there is nothing to do', async () => {
      expect(await world.admin.create([], inTime())).toEqual(new Map())
      expect(await world.admin.remove([], inTime())).toEqual(new Map())
    })

    it('changes nothing once the deadline has passed', async () => {
      const late = { at: Date.now() - 1, signal: AbortSignal.abort() }
      const one = acl('User:a', 'read', 'group', 'late')
      await expect(world.admin.create([one], late)).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' })
      await expect(world.admin.list(late)).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' })
      expect(texts((await listed()).filter(({ name }) => name === 'late'))).toEqual([])
    })
  })
