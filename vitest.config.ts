import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Those that take longest, so that none of them is left for the end, when the other worker has nothing to do any more. */
const LONGEST = ['demo', 'rack-survival', 'lag-alarms', 'failover-data'].map((name) => `${name}.test.ts`)

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => LONGEST.includes(basename(moduleId))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  test: {
    reporters: ['default'],
    execArgv: ['--disable-warning=TimeoutNegativeWarning'], // kafkajs sets timers for times that have passed
    maxWorkers: '100%', // vitest leaves a core to itself, which is half of two
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 },
      },
      {
        extends: true,
        test: {
          name: 'infra',
          include: ['test/infra/**/*.test.ts'],
          isolate: false, // every file would read aws-cdk-lib again
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/local-toolchain.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          maxWorkers: 2, // they wait for brokers half of the time, and have three of them each
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
