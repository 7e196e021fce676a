import type { Deadline } from '../ports.ts'

/** What somebody reads of a failover. */
export interface ReportDocuments {
  readonly json: string
  readonly page: string
}

/** Where each of them is, for people: `s3://bucket/reports/<execution>/report.json`. */
export type ReportPlaces = ReportDocuments

/** Throws `REPORT_UNREACHABLE`. */
export interface ReportStore {
  /** Keeping it again replaces what was kept. */
  keep(execution: string, documents: ReportDocuments, deadline: Deadline): Promise<ReportPlaces>
}
