import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { DescribeExecutionCommand, SendTaskSuccessCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { createDynamoDbClient } from '../../../shared/adapters/dynamodb/dynamodb-client.ts'
import { failoverQuestions } from '../../../shared/adapters/dynamodb/failover-questions.ts'
import { failoverStepLedger } from '../../../shared/adapters/dynamodb/failover-step-ledger.ts'
import { LinkTable } from '../../../shared/adapters/dynamodb/link-table.ts'
import { startDeadline } from '../../../shared/adapters/running-deadline.ts'
import type { FailoverMode, TailChoice } from '../../../shared/domain/failover/failover-input.ts'
import { recordName, type StepRecord } from '../../../shared/domain/failover/failover-step.ts'
import type { Question } from '../../../shared/domain/failover/question.ts'
import type { FailoverReport } from '../../../shared/domain/failover/report.ts'
import type { FailoverEnding } from '../../../shared/domain/failover/step-call.ts'
import { failoverMachineName, tableName } from '../../../shared/domain/link-names.ts'
import type { Link } from '../../../shared/domain/topology/topology.ts'
import { clientSettings } from '../../aws/deployed-stack.ts'
import { LOCAL_ACCOUNT } from '../../aws/gateway/mapping-configuration.ts'
import { eventually } from '../../machine/eventually.ts'

/** What the state machine answers at its end. */
export interface EndedFailover {
  readonly outcome: FailoverEnding
  readonly report: FailoverReport
}

const SOON = { withinMs: 300_000, everyMs: 300 }
const ASK_WITHIN_MS = 10_000
const OPERATOR = 'the demo'

/** One execution of the deployed state machine along a link, with an operator who reads what it asks. */
export class StartedFailover {
  readonly #sfn: SFNClient
  readonly #endpoint: string
  readonly #link: Link
  readonly #dynamoDb: ReturnType<typeof createDynamoDbClient>
  readonly #table: LinkTable
  #arn = ''

  private constructor(endpoint: string, link: Link) {
    const settings = clientSettings(endpoint, link.target.region)
    this.#endpoint = endpoint
    this.#link = link
    this.#sfn = new SFNClient(settings)
    this.#dynamoDb = createDynamoDbClient(settings)
    this.#table = new LinkTable({ client: this.#dynamoDb, name: tableName(link) })
  }

  /** `tail`: absent, what the topology says. */
  static async start(endpoint: string, link: Link, mode: FailoverMode, tail?: TailChoice): Promise<StartedFailover> {
    const started = new StartedFailover(endpoint, link)
    await started.#start({ mode, reason: `the demo shows ${mode}`, who: OPERATOR, ...(tail && { tail }) })
    return started
  }

  /** Who reads the preflight report says yes to it: to its hash. */
  async approve(): Promise<void> {
    const asked = async (): Promise<Question | undefined> =>
      (await this.#asked('approve')) ?? (await this.#noQuestion())
    const { token, hash } = await eventually('the failover to ask for approval', asked, SOON)
    const output = JSON.stringify({ hash, by: OPERATOR })
    await this.#sfn.send(new SendTaskSuccessCommand({ taskToken: token, output }))
  }

  /** Throws when it ends in another way than by its last state, and when it waits for an operator. */
  async end(say: (line: string) => void): Promise<EndedFailover> {
    const output = await eventually('the failover to end', () => this.#output(say), SOON)
    const { outcome, report } = JSON.parse(output)
    return { outcome, report: await this.#report(report) }
  }

  async steps(): Promise<readonly StepRecord[]> {
    const found = await this.#within((deadline) => failoverStepLedger(this.#table).steps(this.#name, deadline))
    return [...found.values()]
  }

  close(): void {
    this.#sfn.destroy()
    this.#dynamoDb.destroy()
  }

  async #start(input: object): Promise<void> {
    const { region } = this.#link.target
    const machine = `arn:aws:states:${region}:${LOCAL_ACCOUNT}:stateMachine:${failoverMachineName(this.#link)}`
    const request = { stateMachineArn: machine, input: JSON.stringify(input) }
    const { executionArn } = await this.#sfn.send(new StartExecutionCommand(request))
    this.#arn = executionArn ?? ''
  }

  get #name(): string {
    return this.#arn.split(':').at(-1) ?? ''
  }

  async #output(say: (line: string) => void): Promise<string | undefined> {
    const { status, output, error, cause } = await this.#sfn.send(
      new DescribeExecutionCommand({ executionArn: this.#arn }),
    )
    const steps = await this.steps()
    const latest = [...steps].sort((one, other) => one.startedAt - other.startedAt).at(-1)
    if (latest !== undefined) say(`${recordName(latest)}: ${latest.outcome}, ${latest.message}`)
    if (status === 'SUCCEEDED') return output
    if (status !== 'RUNNING') throw new Error(`the failover ${this.#name} is ${status}: ${error} ${cause}`)
    const held = await this.#asked('hold')
    if (held !== undefined) throw new Error(`the failover ${this.#name} is held: ${held.because}`)
    return undefined
  }

  /** Throws when it has ended already, and will ask nobody any more. */
  async #noQuestion(): Promise<undefined> {
    if ((await this.#output(() => undefined)) === undefined) return
    const said = (await this.steps()).map((step) => `${recordName(step)}: ${step.message}`)
    throw new Error(`the failover ${this.#name} ended without asking anybody; ${said.join('; ')}`)
  }

  #asked(kind: Question['kind']): Promise<Question | undefined> {
    return this.#within((deadline) => failoverQuestions(this.#table).question(this.#name, kind, deadline))
  }

  async #within<Answer>(ask: (deadline: ReturnType<typeof startDeadline>) => Promise<Answer>): Promise<Answer> {
    const deadline = startDeadline(ASK_WITHIN_MS)
    try {
      return await ask(deadline)
    } finally {
      deadline.end()
    }
  }

  async #report(place: string): Promise<FailoverReport> {
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(place) ?? []
    const client = new S3Client({ ...clientSettings(this.#endpoint, this.#link.target.region), forcePathStyle: true })
    try {
      const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      return JSON.parse((await body?.transformToString()) ?? '')
    } finally {
      client.destroy()
    }
  }
}
