import type { PreflightReport } from './preflight-report.ts'

/**
 * What somebody approves, as one text that is the same whenever the same is approved: which failover, how, with what
 * limits, what each check says, and what will be lost. Figures that change by themselves are left out, so that a second
 * look some minutes later asks nobody again.
 */
export const approvedText = (report: PreflightReport): string => {
  const { pair, from, to, epoch, mode, force, limits, positions, tail, checks, loss } = report
  const { lagRecords, lagSeconds, lostRecords } = limits
  return JSON.stringify([
    [pair, from, to, epoch, mode, force],
    [lagRecords, lagSeconds, lostRecords],
    [positions.kind, positions.kind === 'timestamp' ? positions.at : 0, tail],
    checks.map(({ name, verdict, limit, forced = false }) => [name, verdict, limit, forced]).sort(byName),
    loss === undefined
      ? []
      : [loss.records ?? 'unknown', loss.topics.map(({ topic, records }) => [topic, records]).sort(byName)],
  ])
}

const byName = ([one]: readonly unknown[], [other]: readonly unknown[]): number =>
  String(one) < String(other) ? -1 : 1

/** Answers a digest of a text, in hexadecimal digits; collisions must be out of reach of whoever writes the text. */
export type Digest = (text: string) => Promise<string>

const DIGITS = 32

/** What the approval of a preflight carries: short enough to be typed. */
export const approvalHash = async (report: PreflightReport, digest: Digest = sha256): Promise<string> =>
  await textHash(approvedText(report), digest)

/** Of whatever else somebody says yes to. */
export const textHash = async (text: string, digest: Digest = sha256): Promise<string> =>
  (await digest(text)).slice(0, DIGITS)

const sha256: Digest = async (text) => {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
