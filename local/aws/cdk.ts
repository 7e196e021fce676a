import { appendFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { runProcess } from '../machine/owned-process.ts'
import { LOCAL_CREDENTIALS } from './aws.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const CDK = join(ROOT, 'node_modules/aws-cdk/bin/cdk')

export interface CdkOptions {
  /** The AWS endpoint; the CLI never learns of another one. */
  readonly endpoint: string
  /** What the CLI and AWS clients would otherwise keep in, or read from, the home folder. */
  readonly home: string
  /** Added to the environment of the app. */
  readonly env?: Readonly<Record<string, string>>
  /** All output is appended to it. */
  readonly logFile?: string
  readonly onOutput?: (text: string) => void
}

/** Profiles and configuration of the user's are out of reach: this must never touch an account of theirs. */
const withoutUsersAws = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(AWS_|CDK_)/.test(name)))

const environmentOf = ({ endpoint, home, env }: CdkOptions): NodeJS.ProcessEnv => ({
  ...withoutUsersAws(process.env),
  PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`, // the app is run by `node`
  ...LOCAL_CREDENTIALS,
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_CONFIG_FILE: join(home, 'no-config'),
  AWS_SHARED_CREDENTIALS_FILE: join(home, 'no-credentials'),
  AWS_EC2_METADATA_DISABLED: 'true',
  CDK_HOME: home,
  CDK_DISABLE_VERSION_CHECK: '1',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
  NO_COLOR: '1',
  ...env,
})

/** Runs the ordinary CDK CLI of this repository against a local AWS. */
export const runCdk = async (args: readonly string[], options: CdkOptions): Promise<void> => {
  await runProcess(process.execPath, [CDK, '--no-notices', ...args], {
    cwd: ROOT,
    env: environmentOf(options),
    onOutput: (text) => {
      if (options.logFile !== undefined) appendFileSync(options.logFile, text)
      options.onOutput?.(text)
    },
  })
}
