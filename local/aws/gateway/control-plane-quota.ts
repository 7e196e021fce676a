import { type AwsRequest, errorResponse } from './exchange.ts'
import type { FaultRule } from './faults.ts'

/** What Lambda takes of all its control plane requests together, in one account and region, a second. */
export const CONTROL_PLANE_REQUESTS_A_SECOND = 15

/** Invocations have quotas of their own. */
const isControlPlane = ({ service, path }: AwsRequest): boolean =>
  service === 'lambda' && !/^\/\d{4}-\d\d-\d\d\/functions\/[^/]+\/(?:invocations|invoke-async)/.test(path)

/**
 * A rule to inject: of the requests to Lambda's control plane, those above the quota are refused, as AWS does it. The
 * quota is a bucket that holds as many requests as it regains in a second.
 */
export const controlPlaneQuota = (
  now: () => number = Date.now,
  requestsASecond = CONTROL_PLANE_REQUESTS_A_SECOND,
): FaultRule => {
  let left = requestsASecond
  let at = now()
  return {
    match: isControlPlane,
    fault: async (_request, forward) => {
      left = Math.min(requestsASecond, left + ((now() - at) * requestsASecond) / 1_000)
      at = now()
      if (left < 1) return errorResponse(429, 'TooManyRequestsException', 'Rate exceeded')
      left -= 1
      return forward()
    },
  }
}
