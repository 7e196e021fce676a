import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { loadTopology } from '../shared/config/load-topology.ts'
import { ReplicationError } from '../shared/domain/errors.ts'
import { addInstallation } from './stacks/installation.ts'

const synthesise = async (): Promise<void> => {
  const app = new App()
  addInstallation(app, await loadTopology(String(app.node.tryGetContext('topology') ?? 'local')))
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  app.synth()
}

// A mistake in a topology is for its author to read: the message without a stack trace.
await synthesise().catch((error: unknown) => {
  if (!(error instanceof ReplicationError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
