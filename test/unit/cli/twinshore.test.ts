import { beforeEach, describe, expect, it } from 'vitest'
import { table, toJson } from '../../../cli/terminal.ts'
import { main } from '../../../cli/twinshore.ts'

describe('the command line', () => {
  const results: string[] = []
  const notes: string[] = []
  const terminal = { result: (text: string) => void results.push(text), note: (text: string) => void notes.push(text) }

  beforeEach(() => {
    results.length = 0
    notes.length = 0
  })

  it.each([['--help'], ['-h'], ['help']])('explains itself at %s on standard output', async (asked) => {
    expect(await main([asked], terminal)).toBe(0)
    expect(results.join()).toContain('replay')
    expect(notes).toEqual([])
  })

  it('explains itself when it is told nothing, but that is no success', async () => {
    expect(await main([], terminal)).toBe(2)
    expect(results.join()).toContain('replay')
  })

  it.each(['status', 'replay', 'pause', 'resume', 'plan', 'apply', 'translate', 'verify', 'tail'])(
    'explains %s with examples',
    async (command) => {
      expect(await main([command, '--help'], terminal)).toBe(0)
      expect(results.join()).toContain('Examples')
    },
  )

  it.each([
    ['a command that does not exist', ['replicate'], /no command replicate/],
    ['a command named as something every object has', ['toString'], /no command toString/],
    ['a flag that does not exist', ['replay', 'link', '--colour'], /colour/],
    ['no link', ['replay'], /name of one link/],
    ['two links', ['replay', 'a', 'b'], /name of one link/],
    ['a pause of no link', ['pause', '--topic', 't'], /pause takes the name of one link/],
    ['a plan of no link', ['plan'], /plan takes the name of one link/],
    ['a flag that status does not have', ['status', '--wait'], /wait/],
    ['a plan of what there is not', ['plan', 'link', '--only', 'all'], /--only takes topics, groups, access/],
    ['a translation of no link', ['translate', '--group', 'g'], /translate takes the name of one link/],
    ['a translation of no group', ['translate', 'link'], /a consumer group: --group G/],
    ['an end of two pauses', ['resume', 'a', 'b'], /resume takes the name of one link/],
    ['a partition without its topic', ['replay', 'link', '--partition', '3'], /together with --topic/],
    ['a partition that is no number', ['replay', 'link', '--topic', 't', '--partition', 'x'], /partition number/],
  ])('refuses %s, says why and how it is used, on standard error', async (_what, args, why) => {
    expect(await main(args, terminal)).toBe(2)
    expect(results).toEqual([])
    expect(notes.join()).toMatch(why)
    expect(notes.join()).toContain('twinshore')
  })

  it('tells the usage of a command so briefly that what was wrong stays in sight', async () => {
    expect(await main(['status', '--wait'], terminal)).toBe(2)
    const lines = notes.join().split('\n')
    expect(lines).toContain('twinshore status [link...] [--watch] [--json] [--topology NAME]')
    expect(lines.at(-1)).toContain('twinshore status --help')
    expect(lines.length).toBeLessThan(8)
  })

  it.each([
    ['a topology that is not there', ['replay', 'link', '--topology', 'nowhere'], /infra\/topologies\/ has .*local/],
    ['a link that the topology does not have', ['replay', 'link', '--topology', 'local'], /the topology has west-east/],
    ['a pause of a link that it does not have', ['pause', 'link'], /the topology has west-east/],
  ])('fails on %s, and names those that are', async (_what, args, why) => {
    expect(await main(args, terminal)).toBe(1)
    expect(notes.join()).toMatch(why)
  })
})

describe('what commands print', () => {
  it('is aligned in columns as wide as their widest cell', () => {
    expect(
      table([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toBe('a    bb\nccc  d')
  })

  it('keeps offsets whole in JSON', () => {
    expect(toJson({ offset: 2n ** 60n })).toBe('{"offset":"1152921504606846976"}')
  })
})
