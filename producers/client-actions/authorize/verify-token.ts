import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify, UnsecuredJWT } from 'jose'
import type { Clock } from '../../../ports/clock/clock.ts'

export type Verified =
  | {
      readonly ok: true
      readonly uid: string
      readonly authTime: number
      /** By the custom claim of that name, which only the project's administrators can set. */
      readonly moderator: boolean
    }
  /** `reason` is for our own log; it never holds the token or a part of it. */
  | { readonly ok: false; readonly reason: string }

export type VerifyToken = (token: string) => Promise<Verified>

interface TokenRules {
  /** The Firebase project, which is both the audience and the end of the issuer. */
  readonly projectId: string
  readonly clock: Pick<Clock, 'now'>
}

/** How far the clocks of Google and ours may differ. */
const TOLERANCE_SECONDS = 5
/** Firebase ID tokens are about 1 KB; custom claims add at most another. */
const MAX_TOKEN_LENGTH = 8192
const MAX_UID_LENGTH = 128

/**
 * Judges Firebase ID tokens by the rules of https://firebase.google.com/docs/auth/admin/verify-id-tokens.
 *
 * @param keys the keys that count; what a token says about its own key (`jwk`, `jku`, `x5u`) is never followed.
 * @throws where the keys can't be fetched: that says nothing about the token.
 */
export function firebaseTokens({
  projectId,
  clock,
  keys,
}: TokenRules & { readonly keys: JWTVerifyGetKey }): VerifyToken {
  return refusing(async (token) => {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      ...claimRules({ projectId, clock }),
      algorithms: ['RS256'],
    })
    // With a single key in the set, jose would also take a token that names none.
    if (typeof protectedHeader.kid !== 'string') return { ok: false, reason: 'no kid' }
    return judgeClaims(payload, { projectId, clock })
  })
}

/**
 * Judges tokens of the Firebase Auth emulator, which signs nothing: anybody can make them, so they are worth something
 * on a developer's own machine alone. Signed tokens are refused here.
 */
export function emulatorTokens(rules: TokenRules): VerifyToken {
  return refusing(async (token) => judgeClaims(UnsecuredJWT.decode(token, claimRules(rules)).payload, rules))
}

function claimRules({ projectId, clock }: TokenRules) {
  return {
    issuer: `https://securetoken.google.com/${projectId}`,
    audience: projectId,
    clockTolerance: TOLERANCE_SECONDS,
    currentDate: new Date(clock.now()),
    requiredClaims: ['exp', 'iat', 'auth_time', 'sub'],
  }
}

/** What the claims must be beyond what jose checks. */
function judgeClaims(payload: JWTPayload, { projectId, clock }: TokenRules): Verified {
  const { aud, sub, iat, auth_time: authTime, moderator } = payload
  const latest = clock.now() / 1000 + TOLERANCE_SECONDS
  if (aud !== projectId) return { ok: false, reason: 'more than one audience' }
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_UID_LENGTH) return { ok: false, reason: 'sub' }
  if (typeof iat !== 'number' || !(iat <= latest)) return { ok: false, reason: 'iat in the future' }
  if (typeof authTime !== 'number' || !(authTime <= latest)) return { ok: false, reason: 'auth_time in the future' }
  return { ok: true, uid: sub, authTime, moderator: moderator === true }
}

/** jose throws its refusals; here they are values, and only what went wrong on our side is thrown. */
function refusing(verify: VerifyToken): VerifyToken {
  return async (token) => {
    if (token.length > MAX_TOKEN_LENGTH) return { ok: false, reason: 'too long' }
    try {
      return await verify(token)
    } catch (error) {
      if (!(error instanceof errors.JOSEError) || OURS.has(error.code)) throw error
      return { ok: false, reason: error.code }
    }
  }
}

/** Google's keys could not be fetched or read. */
const OURS: ReadonlySet<string> = new Set([errors.JWKSTimeout.code, errors.JWKSInvalid.code, errors.JOSEError.code])
