import type { AnyStep } from './failover-step.ts'
import { type ReportFacts, recordOf } from './report-facts.ts'

export interface NextCommand {
  readonly what: string
  readonly command: string
}

/** What an operator does next: go back, try again, or do in earnest what was a drill. */
export const wayBack = (facts: ReportFacts): readonly NextCommand[] => {
  const { pair, from, to, ending, execution } = facts
  const again = `npx twinshore failover ${pair} --to ${to.cluster}`
  switch (ending) {
    case 'drilled':
      return [{ what: `look what stands in the way of a failover to ${to.cluster} now`, command: `${again} --dry-run` }]
    case 'resting':
      return []
    case 'rolled-back':
      return [
        {
          what: `${from.cluster} is the active cluster as before; look what stands in the way`,
          command: `${again} --dry-run`,
        },
      ]
    case 'held':
      return [
        {
          what: `an operator ended it, and these steps are not done: ${undone(facts).join(', ')}; see what it said`,
          command: `npx twinshore failover ${pair} --follow ${execution.name}`,
        },
        ...stranded(facts),
        ...back(facts),
      ]
    case 'done':
      return [...stranded(facts), ...back(facts)]
  }
}

const AFTERWARDS: readonly AnyStep[] = ['switch', 'verify', 'reverse']

const undone = ({ records }: ReportFacts): readonly AnyStep[] =>
  AFTERWARDS.filter((step) => recordOf(records, step)?.outcome !== 'done')

/** Nothing is stranded where all was drained. */
const stranded = ({ pair, from, to, input }: ReportFacts): readonly NextCommand[] => {
  if (input.mode !== 'unplanned') return []
  const what = `see what ${from.cluster} had taken and ${to.cluster} never got, once ${from.cluster} was met again`
  const kept = input.tail === 'export' || input.tail === 'scrape' ? ', and read it record by record' : ''
  return [{ what: `${what}${kept}`, command: `npx twinshore tail ${pair}` }]
}

const back = ({ pair, from, back: machine, execution }: ReportFacts): readonly NextCommand[] => {
  if (machine === undefined) return []
  const command = `npx twinshore failback ${pair} --to ${from.cluster}`
  const input = JSON.stringify({ mode: 'failback', reason: '…', who: '…' })
  const arn = machineArn(execution.arn, machine)
  return [
    { what: 'look what stands in the way of going back', command: `${command} --dry-run` },
    { what: `go back to ${from.cluster}`, command: `${command} --reason '…'` },
    {
      what: 'the same without this command',
      command: `aws stepfunctions start-execution --region ${machine.region} --state-machine-arn ${arn} --input '${input}'`,
    },
  ]
}

/** In the same account and partition as the execution. */
const machineArn = (execution: string, { region, machine }: NonNullable<ReportFacts['back']>): string => {
  const [arn = 'arn', partition = 'aws', states = 'states', , account = ''] = execution.split(':')
  return [arn, partition, states, region, account, 'stateMachine', machine].join(':')
}
