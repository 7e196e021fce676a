/** For services that are asked seldom: one that swallows everything is an error after some 5 s. */
export const CLIENT_PATIENCE = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_500, throwOnRequestTimeout: true },
}
