import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { APIGatewayTokenAuthorizerEvent } from 'aws-lambda'
import { createLocalJWKSet, errors, exportJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { everyAccount } from './accounts.ts'
import { portsFrom } from './compose.ts'
import { handle } from './handle.ts'
import { emulatorTokens, firebaseTokens } from './verify-token.ts'

const PROJECT = 'demo-messageai'
const NOW = Date.parse('2026-03-01T10:00:00Z')
const SECONDS = NOW / 1000
const KID = 'a1b2c3'

const google = generateKeyPairSync('rsa', { modulusLength: 2048 })
const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 })

const CLAIMS: JWTPayload = {
  iss: `https://securetoken.google.com/${PROJECT}`,
  aud: PROJECT,
  sub: 'alice',
  iat: SECONDS - 60,
  exp: SECONDS + 3540,
  auth_time: SECONDS - 60,
  firebase: { sign_in_provider: 'password', identities: {} },
}

interface Forgery {
  readonly header?: { readonly [parameter: string]: unknown }
  readonly claims?: { readonly [claim: string]: unknown }
  readonly key?: KeyObject
}

function signed({ header, claims, key = google.privateKey }: Forgery = {}): Promise<string> {
  return new SignJWT({ ...CLAIMS, ...claims }).setProtectedHeader({ alg: 'RS256', kid: KID, ...header }).sign(key)
}

function unsigned(claims: JWTPayload = {}): string {
  return new UnsecuredJWT({ ...CLAIMS, ...claims }).encode()
}

/** The classic confusion: the public key, which anybody has, taken as the secret of an HMAC. */
function signedWithThePublicKey(): string {
  const secret = createPublicKey(google.privateKey).export({ type: 'spki', format: 'pem' })
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const content = `${encode({ alg: 'HS256', kid: KID })}.${encode(CLAIMS)}`
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
}

async function googleKeys() {
  const jwk = await exportJWK(google.publicKey)
  // Google's keys name their algorithm; the verifier must not depend on it.
  return createLocalJWKSet({ keys: [{ ...jwk, kid: KID, use: 'sig' }] })
}

function tokenEvent(authorizationToken: string): APIGatewayTokenAuthorizerEvent {
  return {
    type: 'TOKEN',
    methodArn: 'arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/v1/GET/media/5f0c6a52',
    authorizationToken,
  }
}

async function productionPorts({ accounts = everyAccount } = {}) {
  const lines: string[] = []
  const verify = firebaseTokens({ projectId: PROJECT, clock: { now: () => NOW }, keys: await googleKeys() })
  const log = (message: string, fields: object) => lines.push(JSON.stringify({ message, ...fields }))
  return { ports: { verify, accounts, log }, lines }
}

describe('the authorizer', () => {
  test.each([
    [true, { uid: 'alice', moderator: 'true' }],
    ['true', { uid: 'alice' }],
    [1, { uid: 'alice' }],
    [false, { uid: 'alice' }],
    [{ of: 'c-42' }, { uid: 'alice' }],
  ])('tells of a moderator where the claim is exactly true: %j', async (moderator, context) => {
    const { ports } = await productionPorts()
    const token = await signed({ claims: { moderator } })
    expect((await handle(tokenEvent(`Bearer ${token}`), ports)).context).toEqual(context)
  })

  test('lets a caller with a Firebase ID token into the whole stage, under its uid', async () => {
    const { ports } = await productionPorts()

    expect(await handle(tokenEvent(`Bearer ${await signed()}`), ports)).toEqual({
      principalId: 'alice',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Action: 'execute-api:Invoke',
            Effect: 'Allow',
            Resource: 'arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/v1/*',
          },
        ],
      },
      context: { uid: 'alice' },
    })
  })

  test('finds the token in a request, whatever the case of its header', async () => {
    const { ports } = await productionPorts()
    const event = {
      ...tokenEvent(''),
      type: 'REQUEST',
      headers: { authorization: `bearer ${await signed()}` },
    } as unknown as Parameters<typeof handle>[0]

    expect(await handle(event, ports)).toMatchObject({ context: { uid: 'alice' } })
  })

  test('forgives a clock that is a few seconds apart', async () => {
    const { ports } = await productionPorts()
    const token = await signed({ claims: { iat: SECONDS + 3, auth_time: SECONDS + 3 } })

    expect(await handle(tokenEvent(`Bearer ${token}`), ports)).toMatchObject({ principalId: 'alice' })
  })

  const hostile: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['no token at all', () => ''],
    ['another scheme', async () => `Basic ${await signed()}`],
    ['two tokens', async () => `Bearer ${await signed()} ${await signed()}`],
    ['what is no token', () => 'Bearer nonsense'],
    ['three dots', () => 'Bearer ...'],
    ['a megabyte', () => `Bearer ${'a'.repeat(1024 * 1024)}`],
    ['alg none', () => `Bearer ${unsigned()}`],
    ['a token of the emulator', () => `Bearer ${unsigned({ iss: `https://securetoken.google.com/${PROJECT}` })}`],
    ['HS256 with the public key', () => `Bearer ${signedWithThePublicKey()}`],
    ['another RSA algorithm', async () => `Bearer ${await signed({ header: { alg: 'RS512' } })}`],
    ['another project as audience', async () => `Bearer ${await signed({ claims: { aud: 'other' } })}`],
    ['two audiences', async () => `Bearer ${await signed({ claims: { aud: [PROJECT, 'other'] } })}`],
    ['another issuer', async () => `Bearer ${await signed({ claims: { iss: 'https://accounts.google.com' } })}`],
    ['an expired token', async () => `Bearer ${await signed({ claims: { exp: SECONDS - 60 } })}`],
    ['no exp', async () => `Bearer ${await signed({ claims: { exp: undefined } })}`],
    ['an iat in the future', async () => `Bearer ${await signed({ claims: { iat: SECONDS + 600 } })}`],
    ['an auth_time in the future', async () => `Bearer ${await signed({ claims: { auth_time: SECONDS + 600 } })}`],
    ['no auth_time', async () => `Bearer ${await signed({ claims: { auth_time: undefined } })}`],
    ['an unknown kid', async () => `Bearer ${await signed({ header: { kid: 'unknown' } })}`],
    ['no kid', async () => `Bearer ${await signed({ header: { kid: undefined } })}`],
    ['a kid that is a path', async () => `Bearer ${await signed({ header: { kid: '../../../../dev/null' } })}`],
    ['a kid that is a URL', async () => `Bearer ${await signed({ header: { kid: 'https://evil.example/jwks' } })}`],
    [
      'a key set of its own (jku)',
      async () => `Bearer ${await signed({ key: attacker.privateKey, header: { jku: 'https://evil.example/jwks' } })}`,
    ],
    [
      'a key of its own (jwk)',
      async () => {
        const jwk = await exportJWK(attacker.publicKey)
        return `Bearer ${await signed({ key: attacker.privateKey, header: { jwk } })}`
      },
    ],
    ["another's signature", async () => `Bearer ${await signed({ key: attacker.privateKey })}`],
    [
      'a changed payload',
      async () => {
        const [header, , signature] = (await signed()).split('.')
        return `Bearer ${header}.${Buffer.from(JSON.stringify({ ...CLAIMS, sub: 'mallory' })).toString('base64url')}.${signature}`
      },
    ],
    [
      'an unknown critical header',
      async () => {
        const [, payload, signature] = (await signed()).split('.')
        const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: KID, crit: ['x'], x: 1 })).toString('base64url')
        return `Bearer ${header}.${payload}.${signature}`
      },
    ],
    ['no sub', async () => `Bearer ${await signed({ claims: { sub: undefined } })}`],
    ['an empty sub', async () => `Bearer ${await signed({ claims: { sub: '' } })}`],
    ['a sub of 129 characters', async () => `Bearer ${await signed({ claims: { sub: 'a'.repeat(129) } })}`],
    ['a sub that is no text', async () => `Bearer ${await signed({ claims: { sub: 42 } })}`],
  ]

  test.each(hostile)('answers 401 to %s', async (_, make) => {
    const { ports, lines } = await productionPorts()
    const authorization = await make()

    await expect(handle(tokenEvent(authorization), ports)).rejects.toThrow(new Error('Unauthorized'))

    expect(lines).toHaveLength(1)
    for (const part of authorization.split(/[ .]/).slice(1)) {
      if (part.length > 8) expect(lines[0]).not.toContain(part)
    }
  })

  test.each([
    ['revoked', async () => SECONDS],
    ['disabled or deleted', async () => undefined],
  ])('answers 401 to the token of a user who was %s', async (_, validSince) => {
    const { ports } = await productionPorts({ accounts: { validSince } })

    await expect(handle(tokenEvent(`Bearer ${await signed()}`), ports)).rejects.toThrow('Unauthorized')
  })

  test.each([
    ['the keys cannot be fetched', new errors.JWKSTimeout()],
    ['Google answers an error instead of keys', new errors.JOSEError('Expected 200 OK')],
    ['the network is gone', new TypeError('fetch failed')],
  ])('does not blame the caller when %s', async (_, failure) => {
    const keys = () => Promise.reject(failure)
    const verify = firebaseTokens({ projectId: PROJECT, clock: { now: () => NOW }, keys })
    const token = await signed()

    await expect(handle(tokenEvent(`Bearer ${token}`), { verify, accounts: everyAccount, log: () => {} })).rejects.toBe(
      failure,
    )
  })
})

describe('the authorizer beside the emulator', () => {
  const verify = emulatorTokens({ projectId: PROJECT, clock: { now: () => NOW } })
  const ports = { verify, accounts: everyAccount, log: () => {} }

  test("takes the emulator's unsigned tokens", async () => {
    expect(await handle(tokenEvent(`Bearer ${unsigned()}`), ports)).toMatchObject({ context: { uid: 'alice' } })
  })

  test.each([
    ['another audience', { aud: 'other' }],
    ['another issuer', { iss: 'https://securetoken.google.com/other' }],
    ['no time left', { exp: SECONDS - 60 }],
    ['an iat in the future', { iat: SECONDS + 600 }],
    ['an empty sub', { sub: '' }],
  ])('still answers 401 to %s', async (_, claims) => {
    await expect(handle(tokenEvent(`Bearer ${unsigned(claims)}`), ports)).rejects.toThrow('Unauthorized')
  })

  test('answers 401 to signed tokens: it has no keys to judge them by', async () => {
    await expect(handle(tokenEvent(`Bearer ${await signed()}`), ports)).rejects.toThrow('Unauthorized')
  })
})

describe('the composition of the authorizer', () => {
  const environment = { PROJECT_ID: PROJECT, AUTH_MODE: 'emulator', ENVIRONMENT: 'local' }

  test('takes the emulator on a developer machine alone', () => {
    expect(() => portsFrom(environment)).not.toThrow()
    expect(() => portsFrom({ ...environment, ENVIRONMENT: 'prod' })).toThrow('for ENVIRONMENT=local alone')
    expect(() => portsFrom({ ...environment, ENVIRONMENT: undefined })).toThrow('lacks ENVIRONMENT')
  })

  test('knows two modes and guesses none', () => {
    expect(() => portsFrom({ ...environment, AUTH_MODE: 'off' })).toThrow('firebase or emulator')
    expect(() => portsFrom({ ...environment, AUTH_MODE: undefined })).toThrow('lacks AUTH_MODE')
  })
})
