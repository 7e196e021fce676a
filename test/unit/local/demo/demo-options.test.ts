import { describe, expect, it } from 'vitest'
import { isUsageError } from '../../../../cli/usage-error.ts'
import { parseDemoOptions, USAGE } from '../../../../local/demo/demo-options.ts'

describe('the command line of the demo', () => {
  it('needs nothing', () => {
    expect(parseDemoOptions([])).toEqual({
      list: false,
      help: false,
      json: false,
      keep: false,
      world: { brokers: 1, secure: false, version: '4.3.1' },
      run: { records: 20_000, sizeBytes: 1_000, seed: 1, secure: false, isolation: 'uncommitted' },
    })
  })

  it('takes a scenario and every flag', () => {
    const flags = '--json --keep --records 5 --size 0 --rate 7 --input lines.txt --seed 9 --isolation committed'
    const world = '--brokers 3 --secure --kafka 3.9.2 --aws-endpoint http://127.0.0.1:4566'
    expect(parseDemoOptions(['replicate', ...`${flags} ${world}`.split(' ')])).toMatchObject({
      scenario: 'replicate',
      json: true,
      keep: true,
      world: { brokers: 3, secure: true, version: '3.9.2', awsEndpoint: 'http://127.0.0.1:4566' },
      run: {
        records: 5,
        sizeBytes: 0,
        recordsPerSecond: 7,
        input: 'lines.txt',
        seed: 9,
        secure: true,
        isolation: 'committed',
      },
    })
  })

  it.each([
    ['--records 0', 'at least 1'],
    ['--records many', 'whole number'],
    ['--records=', 'whole number'],
    ['--size 1.5', 'whole number'],
    ['--size 1000001', 'at most 1000000'],
    ['--rate 0', 'at least 1'],
    ['--brokers 2', '1 or 3'],
    ['--kafka 2.8', '4.3.1 or 3.9.2'],
    ['--isolation none', 'uncommitted or committed'],
    ['--aws-endpoint https://lambda.eu-west-1.amazonaws.com', 'AWS itself'],
    ['--fast', '--fast'],
    ['replicate failover', 'one scenario'],
  ])('refuses %s and says why', (line, why) => {
    expect(() => parseDemoOptions(line.split(' '))).toThrow(
      expect.toSatisfy((error) => isUsageError(error) && error.message.includes(why)),
    )
  })

  it('names every flag in its help', () => {
    for (const flag of 'list json keep records size rate input seed isolation brokers secure kafka aws-endpoint'.split(
      ' ',
    ))
      expect(USAGE).toContain(`--${flag} `)
  })
})
