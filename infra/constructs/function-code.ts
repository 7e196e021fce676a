import { join } from 'node:path'
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda'
import {
  type BundlingOptions,
  type NodejsFunctionProps,
  OutputFormat,
  SourceMapMode,
} from 'aws-cdk-lib/aws-lambda-nodejs'

const ROOT = join(import.meta.dirname, '../..')

/** One file of ES modules; kafkajs is CommonJS and calls `require`, which such a file has to bring itself. */
const BUNDLING: BundlingOptions = {
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourceMap: true,
  sourceMapMode: SourceMapMode.EXTERNAL,
  sourcesContent: false,
  bundleAwsSDK: true,
  banner: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
}

/** What every function has in common: `name` is its folder in `functions/`. */
export const functionCode = (name: string, bundling: BundlingOptions = {}) =>
  ({
    entry: join(ROOT, 'functions', name, 'index.ts'),
    projectRoot: ROOT,
    depsLockFilePath: join(ROOT, 'package-lock.json'),
    bundling: { ...BUNDLING, ...bundling },
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    tracing: Tracing.DISABLED,
    awsSdkConnectionReuse: false, // the SDK of today does it by itself
  }) satisfies NodejsFunctionProps
