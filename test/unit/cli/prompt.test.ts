import { PassThrough } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { promptOn } from '../../../cli/prompt.ts'

const terminal = (isTTY = true) => Object.assign(new PassThrough(), { isTTY })
const never = new AbortController().signal

describe('a question on a terminal', () => {
  it('is answered by a line, trimmed', async () => {
    const [keyboard, screen] = [terminal(), terminal()]
    const answer = promptOn(keyboard, screen, vi.fn()).ask('Approve? ', never)
    keyboard.write('  yes \n')
    expect(await answer).toBe('yes')
    expect(String(screen.read())).toContain('Approve? ')
  })

  it('hands Ctrl-C on, and ends without an answer', async () => {
    const [keyboard, interrupt] = [terminal(), vi.fn()]
    const answer = promptOn(keyboard, terminal(), interrupt).ask('Approve? ', never)
    keyboard.write('ye\u0003')
    expect(await answer).toBe('')
    expect(interrupt).toHaveBeenCalledOnce()
  })

  it('ends without an answer by Ctrl-D, and interrupts nobody', async () => {
    const [keyboard, interrupt] = [terminal(), vi.fn()]
    const answer = promptOn(keyboard, terminal(), interrupt).ask('Approve? ', never)
    keyboard.write('\u0004')
    expect(await answer).toBe('')
    expect(interrupt).not.toHaveBeenCalled()
  })

  it('ends without an answer when it is no longer asked', async () => {
    const left = new AbortController()
    const answer = promptOn(terminal(), terminal(), vi.fn()).ask('Approve? ', left.signal)
    left.abort()
    expect(await answer).toBe('')
  })

  it.each([
    [true, true, true],
    [false, true, false],
    [true, false, false],
  ])('is asked only where both are a terminal: %s, %s', (keyboard, screen, interactive) => {
    expect(promptOn(terminal(keyboard), terminal(screen), vi.fn()).interactive).toBe(interactive)
  })
})
