import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepOnce } from '../../../../local/machine/download-cache.ts'
import { differences, parseHashes } from '../../../../local/machine/toolchain.ts'

const hash = (digit: string): string => digit.repeat(64)

describe('fetched files', () => {
  const expected = parseHashes(`${hash('a')}  one.jar\n${hash('b')} *two words.jar\n`)

  it('are right when names and contents are those of the list', () => {
    expect(
      differences(
        expected,
        new Map([
          ['one.jar', hash('a')],
          ['two words.jar', hash('b')],
        ]),
      ),
    ).toEqual([])
  })

  it('are wrong when one is missing, altered or not on the list', () => {
    expect(
      differences(
        expected,
        new Map([
          ['one.jar', hash('c')],
          ['three.jar', hash('b')],
        ]),
      ),
    ).toEqual(['two words.jar is missing', 'three.jar is not on the list', 'one.jar has other contents'])
  })
})

describe('the download cache', () => {
  let home: string
  let pin: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'twinshore-cache-'))
    vi.stubEnv('XDG_CACHE_HOME', home)
    pin = join(home, 'pin')
    await writeFile(pin, 'version 1')
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(home, { recursive: true })
  })
  const keep = (fill: (folder: string) => Promise<void>): Promise<string> =>
    keepOnce('thing', [pin], () => undefined, fill)
  const nothing = async (): Promise<void> => undefined

  it('fills a folder once, also for two callers at once', async () => {
    const fill = vi.fn(nothing)
    const [first, second] = await Promise.all([keep(fill), keep(fill)])
    expect(await keep(fill)).toBe(first)
    expect(second).toBe(first)
    expect(fill).toHaveBeenCalledTimes(1)
  })

  it('fills another folder when the pin changes', async () => {
    const first = await keep(nothing)
    await writeFile(pin, 'version 2')
    expect(await keep(nothing)).not.toBe(first)
  })

  it('takes the folder of a process that was faster, and leaves nothing of its own', async () => {
    const cache = join(home, 'twinshore')
    const hash = createHash('sha256').update('version 1').digest('hex').slice(0, 12)
    const kept = await keep(async (unfinished) => {
      await writeFile(join(unfinished, 'mine'), '')
      await mkdir(join(cache, `thing-${hash}`))
      await writeFile(join(cache, `thing-${hash}`, 'theirs'), '')
    })
    expect(await readdir(kept)).toEqual(['theirs'])
    expect(await readdir(cache)).toEqual([`thing-${hash}`])
  })

  it('removes what a killed process left long ago, and nothing that somebody may be at', async () => {
    const cache = join(home, 'twinshore')
    await mkdir(join(cache, '.thing-old'), { recursive: true })
    await mkdir(join(cache, '.thing-new'))
    const twoDaysAgo = Date.now() / 1000 - 2 * 86_400
    await utimes(join(cache, '.thing-old'), twoDaysAgo, twoDaysAgo)
    await keep(nothing)
    expect((await readdir(cache)).filter((entry) => entry.startsWith('.'))).toEqual(['.thing-new'])
  })

  it('keeps nothing when filling fails, and tries again at the next call', async () => {
    await expect(keep(() => Promise.reject(new Error('no network')))).rejects.toThrow('no network')
    expect(await readdir(join(home, 'twinshore'))).toEqual([])
    await expect(keep(nothing)).resolves.toContain('thing')
  })
})
