import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { argumentsOfScript } from '../support/npm-script.ts'

const [TWINSHORE, DEMO, LOCAL, BENCH] = [
  [join(import.meta.dirname, '../../cli/twinshore.ts')],
  argumentsOfScript('demo'),
  argumentsOfScript('local'),
  argumentsOfScript('bench'),
]

describe('a command that is not understood', () => {
  it.each([
    ['npx twinshore', TWINSHORE, '--nonsense', 'no command --nonsense'],
    ['npx twinshore', TWINSHORE, 'nonsense', 'no command nonsense'],
    ['npx twinshore status', [...TWINSHORE, 'status'], '--nonsense', "Unknown option '--nonsense'"],
    ['npm run demo --', DEMO, '--nonsense', "Unknown option '--nonsense'"],
    ['npm run demo --', DEMO, 'nonsense', 'no such scenario; there are replicate, '],
    ['npm run local --', LOCAL, '--nonsense', "Unknown option '--nonsense'"],
    ['npm run local --', LOCAL, 'nonsense', 'nonsense is not a command'],
    ['npm run bench --', BENCH, '--nonsense', "Unknown option '--nonsense'"],
    ['npm run bench --', BENCH, 'nonsense', 'no part nonsense; there are'],
  ])('ends with 2 and says why first: %s', async (_command, args, wrong, why) => {
    const child = spawn(process.execPath, [...args, wrong], { stdio: ['ignore', 'pipe', 'pipe'] })
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    expect([out, code], err).toEqual(['', 2])
    expect(err.split('\n')[0]).toContain(why)
    expect(err).not.toContain('    at ')
  })
})
