/** A secret in a topology is a name, looked up where the function runs, or an ARN. */
const SECRET_NAME = /^[A-Za-z0-9/_+=.@-]{1,512}$/
const SECRET_ARN = /^arn:(aws[a-z-]*):secretsmanager:([a-z0-9-]+):(\d{12}):secret:[A-Za-z0-9/_+=.@-]{1,512}$/
/** Secrets Manager ends every complete ARN with six characters of its own. */
const COMPLETE = /-[A-Za-z0-9]{6}$/

/** Where a function runs, as ARNs spell it. */
export interface AwsPlace {
  readonly partition: string
  readonly region: string
  readonly account: string
}

export const isSecretReference = (secret: string): boolean => SECRET_NAME.test(secret) || SECRET_ARN.test(secret)

/** The region that the reference insists on; `undefined` for a name. */
export const secretRegion = (secret: string): string | undefined => SECRET_ARN.exec(secret)?.[2]

/** Complete, or without the six last characters, when only the name is known; AWS takes both. */
export const secretArn = (secret: string, { partition, region, account }: AwsPlace): string =>
  secret.startsWith('arn:') ? secret : `arn:${partition}:secretsmanager:${region}:${account}:secret:${secret}`

/** What a policy has to name to reach that secret and no other. */
export const secretPolicyResource = (secret: string, place: AwsPlace): string =>
  secret.startsWith('arn:') && COMPLETE.test(secret) ? secret : `${secretArn(secret, place)}-??????`
