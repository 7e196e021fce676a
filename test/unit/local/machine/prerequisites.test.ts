import { describe, expect, it } from 'vitest'
import { explainMissing } from '../../../../local/machine/prerequisites.ts'

const GOOD = new Map([
  ['java', 'openjdk version "17.0.15" 2025-04-15'],
  ['mvn', 'Apache Maven 3.8.7'],
  ['python3', 'Python 3.10'],
])
const explain = (changes: Record<string, string | undefined>): string | undefined =>
  explainMissing((command) => (command in changes ? changes[command] : GOOD.get(command)))

describe('the prerequisites', () => {
  it('are met by what is new enough', () => {
    expect(explain({})).toBeUndefined()
    expect(explain({ java: 'java version "25" 2025-09-16', python3: 'Python 4.0' })).toBeUndefined()
  })

  it.each([
    ['Java', { java: 'openjdk version "1.8.0_392"' }],
    ['Java', { java: 'openjdk version "16.0.2"' }],
    ['Maven', { mvn: 'Apache Maven 3.5.4' }],
    ['Python', { python3: 'Python 3.9' }],
    ['Python', { python3: undefined }],
  ])('say that %s is missing or too old', (name, changes) => {
    expect(explain(changes)).toContain(`- ${name === 'Maven' ? 'Apache Maven' : name} `)
  })

  it('name everything that is missing at once, with the way to get it', () => {
    const message = explain({ java: undefined, mvn: undefined, python3: undefined })
    expect(message?.match(/^ {2}- /gm)).toHaveLength(3)
    expect(message?.match(/https:/g)).toHaveLength(3)
  })
})
