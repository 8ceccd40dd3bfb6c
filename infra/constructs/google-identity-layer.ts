import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Code, LayerVersion } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import type { EnvironmentConfig, WorkloadIdentity } from '../config/config.ts'

/** Where functions find the file, for `GOOGLE_APPLICATION_CREDENTIALS`. */
export const EXTERNAL_ACCOUNT_FILE = '/opt/google-external-account.json'

/**
 * A layer with the one file that lets Google's libraries trade the function's own AWS identity for a short-lived
 * Google token. Addresses and names, no secret: docs/decisions/010-firestore-from-lambda.md.
 * @returns undefined where the configuration names no identity.
 */
export function googleIdentityLayer(
  scope: Construct,
  { environment, firebase }: EnvironmentConfig,
): LayerVersion | undefined {
  if (firebase.workloadIdentity === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'google-identity-'))
  try {
    const file = join(folder, basename(EXTERNAL_ACCOUNT_FILE))
    writeFileSync(file, `${JSON.stringify(externalAccount(firebase.workloadIdentity), null, 2)}\n`)
    return new LayerVersion(scope, 'GoogleIdentity', {
      description: `Which Google service account the functions of ${environment} act as.`,
      // Copied into the assembly here and now, so that the folder may go.
      code: Code.fromAsset(folder),
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** https://google.aip.dev/auth/4117 */
function externalAccount({ projectNumber, pool, provider, serviceAccount }: WorkloadIdentity) {
  return {
    type: 'external_account',
    audience: `//iam.googleapis.com/projects/${projectNumber}/locations/global/workloadIdentityPools/${pool}/providers/${provider}`,
    subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
    token_url: 'https://sts.googleapis.com/v1/token',
    service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${serviceAccount}:generateAccessToken`,
    credential_source: {
      environment_id: 'aws1',
      // Google's library fills {region} from the function's environment, and takes the role's keys from there too.
      regional_cred_verification_url: 'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15',
    },
  }
}
