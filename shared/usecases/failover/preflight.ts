import { approvalHash } from '../../domain/failover/approved-text.ts'
import type { FailoverInput, FailoverLimits } from '../../domain/failover/failover-input.ts'
import type { FailoverOrder } from '../../domain/failover/failover-order.ts'
import { lockFacts } from '../../domain/failover/lock-facts.ts'
import { allows, type PreflightAsk } from '../../domain/failover/preflight-check.ts'
import { judgePreflight, type PreflightReport } from '../../domain/failover/preflight-report.ts'
import { keepsName } from '../../domain/topics/topic-naming.ts'
import type { DataDeps } from './data-deps.ts'
import type { PerformStep } from './failover-ports.ts'
import { surveyPair } from './survey-pair.ts'

/**
 * Looks whether the pair may be failed over, and writes down what it found; changes nothing. It is `done` also when it
 * says no: the gate decides by `passed`. What somebody has to approve is the report of this `hash`.
 */
export const preflight: PerformStep<DataDeps> = async ({ execution: { input }, before }, deadline, deps) => {
  const { order } = deps
  const { epoch } = lockFacts(before)
  const facts = await surveyPair(input.mode, deadline, deps)
  const subject = { pair: order.pair, from: order.from.cluster, to: order.to.cluster, epoch }
  const report = judgePreflight(facts, askOf(input, order), subject, input)
  const hash = await approvalHash(report)
  const needsApproval = order.approval.needed && input.mode !== 'drill' && input.approved !== hash
  return {
    outcome: 'done',
    message: told(report),
    data: { hash, passed: report.passed, needsApproval },
    facts: { hash, report },
  }
}

const askOf = ({ mode, reason, force, limits }: FailoverInput, order: FailoverOrder): PreflightAsk => {
  const { link } = order.forward.order
  const { heartbeats, provenance, naming, thresholds } = link
  const about = { heartbeats, provenance, keepsNames: keepsName(naming), headroomMs: thresholds.timeToLossMs }
  return { mode, reason, force, limits: limitsOf(order.limits, limits), link: about }
}

/** What is said when starting the execution wins over the topology. */
const limitsOf = (usual: FailoverLimits, asked: Partial<FailoverLimits>): FailoverLimits => ({
  lagRecords: asked.lagRecords ?? usual.lagRecords,
  lagSeconds: asked.lagSeconds ?? usual.lagSeconds,
  lostRecords: asked.lostRecords ?? usual.lostRecords,
})

const told = ({ checks, loss }: PreflightReport): string => {
  const stopping = checks.filter((check) => !allows(check))
  const warnings = checks.filter(({ verdict }) => verdict === 'warn').length
  const lost = loss === undefined ? '' : `; ${loss.records ?? 'an unknown number of'} records would be lost`
  if (stopping.length === 0) return `${checks.length} checks, ${warnings} with a warning${lost}`
  const why = stopping.map(({ name, measured, detail }) => `${name} (${measured}${detail === '' ? '' : `: ${detail}`})`)
  return `${stopping.length} of ${checks.length} checks say no: ${why.join('; ')}${lost}`
}
