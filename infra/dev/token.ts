/** How long a local token is good for, as Firebase's own. */
const HOUR_SECONDS = 3600

/**
 * An ID token as Firebase's Auth emulator gives them: unsigned, and taken only by a stack whose config says that its
 * tokens come from an emulator.
 * @param nowSeconds since 1970
 * @param custom claims that an administrator gave the user, such as `moderator`
 */
export function localToken(
  user: string,
  projectId: string,
  nowSeconds: number,
  custom: Readonly<Record<string, unknown>> = {},
): string {
  const header = { alg: 'none', typ: 'JWT' }
  const claims = {
    ...custom,
    iss: `https://securetoken.google.com/${projectId}`,
    aud: projectId,
    sub: user,
    user_id: user,
    auth_time: nowSeconds,
    iat: nowSeconds,
    exp: nowSeconds + HOUR_SECONDS,
    firebase: { identities: {}, sign_in_provider: 'custom' },
  }
  return `${encode(header)}.${encode(claims)}.`
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
