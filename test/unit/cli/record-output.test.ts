import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import fs, { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fileOutput, streamOutput } from '../../../cli/record-output.ts'
import { UsageError } from '../../../cli/usage-error.ts'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinshore-output-'))
  file = join(folder, 'records.ndjson')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a file of records', () => {
  it('has its name once it is whole, and is for its owner alone', async () => {
    const output = await fileOutput(file)
    expect(await output.write('one')).toBe('written')
    await output.write('two')
    expect(await readdir(folder)).toEqual(['records.ndjson.part'])
    expect(await output.close(true)).toBe(file)
    expect(await readFile(file, 'utf8')).toBe('one\ntwo\n')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['records.ndjson'])
  })

  it('keeps the name of what is not whole', async () => {
    const output = await fileOutput(file)
    await output.write('one')
    expect(await output.close(false)).toBe(`${file}.part`)
    expect(await readFile(`${file}.part`, 'utf8')).toBe('one\n')
  })

  it.each([
    ['is there already', '', /is there already$/],
    ['is being written, or was when somebody died', '.part', /remove it$/],
  ])('does not touch what %s', async (_what, ending, why) => {
    await writeFile(`${file}${ending}`, 'mine')
    await expect(fileOutput(file)).rejects.toThrow(why)
    await expect(fileOutput(file)).rejects.toThrow(UsageError)
    expect(await readFile(`${file}${ending}`, 'utf8')).toBe('mine')
  })

  it('says where it cannot be', async () => {
    await expect(fileOutput(join(folder, 'nowhere', 'file'))).rejects.toThrow(/ENOENT/)
  })

  it('takes no name that somebody else has given meanwhile, and says where the records are', async () => {
    const output = await fileOutput(file)
    await output.write('one')
    await writeFile(file, 'theirs')
    const closing = output.close(true)
    await expect(closing).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' })
    await expect(closing).rejects.toThrow(
      `somebody else has made a file of that name meanwhile; all records are in ${file}.part`,
    )
    expect(await readFile(file, 'utf8')).toBe('theirs')
    expect(await readFile(`${file}.part`, 'utf8')).toBe('one\n')
  })

  describe('on a disk that cannot link', () => {
    const failLinks = (code: string) => {
      vi.spyOn(fs, 'link').mockRejectedValue(Object.assign(new Error(`${code}: link`), { code }))
      syncBuiltinESMExports()
    }

    afterEach(() => {
      vi.restoreAllMocks()
      syncBuiltinESMExports()
    })

    it.each(['EPERM', 'ENOTSUP', 'ENOSYS'])('has its name all the same (%s)', async (code) => {
      failLinks(code)
      const output = await fileOutput(file)
      await output.write('one')
      expect(await output.close(true)).toBe(file)
      expect(await readFile(file, 'utf8')).toBe('one\n')
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      expect(await readdir(folder)).toEqual(['records.ndjson'])
    })

    it.each([
      ['EPERM', 'theirs', 'somebody else has made a file of that name meanwhile'],
      ['EIO', undefined, 'EIO: link'],
    ])('takes no name of another file, and copies for no other reason (%s)', async (code, theirs, why) => {
      failLinks(code)
      const output = await fileOutput(file)
      await output.write('one')
      if (theirs !== undefined) await writeFile(file, theirs)
      await expect(output.close(true)).rejects.toThrow(`${why}; all records are in ${file}.part`)
      expect(await readFile(file, 'utf8').catch(() => undefined)).toBe(theirs)
      expect(await readFile(`${file}.part`, 'utf8')).toBe('one\n')
    })
  })

  it.runIf(process.platform === 'linux')('fails when the disk is full', async () => {
    const output = await fileOutput(file)
    await rm(`${file}.part`)
    await output.write('one')
    await expect(output.close(true)).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' })
  })
})

describe('records on a stream', () => {
  it.runIf(process.platform === 'linux')('that has failed wait for nothing more', async () => {
    const full = createWriteStream('/dev/full')
    const output = streamOutput(full)
    await output.write('one')
    await once(full, 'close').catch(() => undefined) // the failure comes after the write was taken
    await expect.poll(() => full.closed).toBe(true)
    await expect(output.write('two')).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' })
  })

  it('wait until they are taken', async () => {
    const stream = new PassThrough({ highWaterMark: 4 })
    const output = streamOutput(stream)
    let isWritten = false
    const written = output.write('longer than that').then((outcome) => {
      isWritten = true
      return outcome
    })
    await new Promise(setImmediate)
    expect(isWritten).toBe(false)
    stream.resume()
    expect(await written).toBe('written')
  })

  it('end when nobody reads any more', async () => {
    const stream = new PassThrough({ highWaterMark: 4 })
    const output = streamOutput(stream)
    const written = output.write('longer than that')
    stream.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }))
    expect(await written).toBe('left')
    expect(await output.write('more')).toBe('left')
  })

  it('fail when they cannot be written', async () => {
    const stream = new PassThrough({ highWaterMark: 4 })
    const written = streamOutput(stream).write('longer than that')
    stream.destroy(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
    await expect(written).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' })
  })
})
