#!/usr/bin/env node
import { ReplicationError } from '../shared/domain/errors.ts'
import { runDrill, runFailback, runFailover } from './failover.ts'
import { DRILL_USAGE, FAILBACK_USAGE, FAILOVER_USAGE } from './failover-usage.ts'
import { PAUSE_USAGE, RESUME_USAGE, runPause, runResume } from './pause.ts'
import { APPLY_USAGE, PLAN_USAGE, runApply, runPlan } from './plan.ts'
import { RACKS_USAGE, runRacks } from './racks.ts'
import { REPLAY_USAGE, runReplay } from './replay.ts'
import { runStatus, STATUS_USAGE } from './status.ts'
import { runTail } from './tail.ts'
import { TAIL_USAGE } from './tail-arguments.ts'
import { type ExitCode, red, type Terminal, terminal } from './terminal.ts'
import { runTranslate, TRANSLATE_USAGE } from './translate.ts'
import { isUsageError } from './usage-error.ts'
import { runVerify, VERIFY_USAGE } from './verify.ts'

interface Command {
  readonly summary: string
  readonly usage: string
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  status: {
    summary: 'how far links are behind, and what a failover would lose now',
    usage: STATUS_USAGE,
    run: runStatus,
  },
  plan: {
    summary: 'what the next passes over the topics, groups and rights of a link would do',
    usage: PLAN_USAGE,
    run: runPlan,
  },
  apply: { summary: 'make these passes now', usage: APPLY_USAGE, run: runApply },
  translate: {
    summary: 'where a consumer group would resume on the target',
    usage: TRANSLATE_USAGE,
    run: runTranslate,
  },
  failover: {
    summary: 'move the business to the other cluster of a pair',
    usage: FAILOVER_USAGE,
    run: runFailover,
  },
  failback: { summary: 'move it back', usage: FAILBACK_USAGE, run: runFailback },
  drill: { summary: 'rehearse a failover, and change nothing', usage: DRILL_USAGE, run: runDrill },
  tail: { summary: 'what a failover left behind on the old cluster: its records', usage: TAIL_USAGE, run: runTail },
  pause: { summary: 'stop a link or one of its topics until it is resumed', usage: PAUSE_USAGE, run: runPause },
  resume: { summary: 'go on where a pause stopped', usage: RESUME_USAGE, run: runResume },
  replay: { summary: 'put quarantined records back', usage: REPLAY_USAGE, run: runReplay },
  racks: { summary: 'what the loss of a rack of a cluster would stop', usage: RACKS_USAGE, run: runRacks },
  verify: { summary: 'compare both clusters record by record', usage: VERIFY_USAGE, run: runVerify },
}

const usage = (): string =>
  [
    'twinshore <command> [options]',
    '',
    ...Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`),
    '',
    'twinshore <command> --help explains one command, with examples.',
    'Exit codes: 0 all is well, 1 something did not succeed, 2 the command was not understood.',
  ].join('\n')

/** The whole of it would carry the error out of sight. */
const synopsisOf = ({ usage }: Command): string => usage.split('\n\n')[0] ?? usage

/** Runs the operator's command line; never throws for what an operator can cause. */
export const main = async ([name = '', ...args]: readonly string[], to: Terminal): Promise<ExitCode> => {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    const asked = ['', '--help', '-h', 'help'].includes(name)
    if (asked) to.result(usage())
    else to.note(`${red(`there is no command ${name}`)}\n\n${usage()}`)
    return asked && name !== '' ? 0 : 2
  }
  if (args.includes('--help') || args.includes('-h')) {
    to.result(command.usage)
    return 0
  }
  try {
    return await command.run(args, to)
  } catch (error) {
    if (isUsageError(error)) {
      to.note(`${red(error.message)}\n\n${synopsisOf(command)}\n\ntwinshore ${name} --help explains it, with examples.`)
      return 2
    }
    if (!(error instanceof ReplicationError)) throw error
    to.note(red(error.message))
    return 1
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2), terminal)
