import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linesOfFile } from '../../../../local/corpus/lines-of-file.ts'

describe('the lines of a file', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'twinshore-lines-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const linesOf = async (content: Buffer): Promise<string[]> => {
    const file = join(folder, 'lines')
    await writeFile(file, content)
    const lines: string[] = []
    for await (const line of linesOfFile(file)) lines.push(line.toString('latin1'))
    return lines
  }

  it.each([
    ['with a last line feed', 'a\nb\n', ['a', 'b']],
    ['without one', 'a\nb', ['a', 'b']],
    ['empty ones too', '\na\n\n', ['', 'a', '']],
    ['bytes that are no text', '\xff\xfe\r\n\x00', ['\xff\xfe\r', '\x00']],
    ['none', '', []],
  ])('are its bytes: %s', async (_what, content, lines) => {
    expect(await linesOf(Buffer.from(content, 'latin1'))).toEqual(lines)
  })

  it('survive being read in pieces', async () => {
    const long = ['x'.repeat(200_000), 'y'.repeat(70_000), 'z']
    expect(await linesOf(Buffer.from(long.join('\n')))).toEqual(long)
  })
})
