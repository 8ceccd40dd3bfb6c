import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent, request } from 'node:https'

/** The calls of Firestore's REST protocol that the read model is made of. */
export type Method = 'batchGet' | 'commit' | 'runQuery'

/** Sends one call, on the documents below `parent` (`media/42`) or on all; resolves to the answer's JSON. */
export type Call = (method: Method, body: object, parent?: string) => Promise<unknown>

export interface RestOptions {
  readonly projectId: string
  /** `host:port` of an emulator; left out, it is Google's own. */
  readonly emulatorHost?: string | undefined
}

/** Firestore answered that it won't. */
export class FirestoreRefusal extends Error {
  override readonly name = 'FirestoreRefusal'
  /** Of google.rpc.Code, by name: `ALREADY_EXISTS`; empty where the answer was none of Firestore's. */
  readonly status: string

  constructor(status: string, message: string) {
    super(message)
    this.status = status
  }
}

const ANSWER_WITHIN_MS = 10_000

/** One node:http(s) request a call, on connections that are kept: a fifth of the CPU time of Google's own client. */
export function firestoreRest({ projectId, emulatorHost }: RestOptions): Call {
  const origin = emulatorHost === undefined ? 'https://firestore.googleapis.com' : `http://${emulatorHost}`
  const documents = `${origin}/v1/projects/${projectId}/databases/(default)/documents`
  const send = sender(emulatorHost === undefined)
  // Emulators take this token for an administrator's.
  const authorize = emulatorHost === undefined ? googleCredentials() : async () => ({ authorization: 'Bearer owner' })

  return async (method, body, parent) => {
    const url = `${documents}${parent === undefined ? '' : `/${parent}`}:${method}`
    const answer = await send(url, await authorize(), JSON.stringify(body), { repeatable: method !== 'commit' })
    if (answer.status === 200) return JSON.parse(answer.body)
    const { status, message } = refusalIn(answer.body)
    throw new FirestoreRefusal(status, `${method} was answered ${answer.status} ${status}: ${message}`)
  }
}

type Headers = Readonly<Record<string, string>>

/** The application default credentials. Their library is loaded at need: nobody asks for them on a developer's machine. */
function googleCredentials(): () => Promise<Headers> {
  let credentials: Promise<{ getRequestHeaders(): Promise<Iterable<[string, string]>> }> | undefined
  return async () => {
    credentials ??= import('google-auth-library').then(
      ({ GoogleAuth }) => new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/datastore' }),
    )
    return Object.fromEntries(await (await credentials).getRequestHeaders())
  }
}

interface Answer {
  readonly status: number
  readonly body: string
}

type Send = (url: string, headers: Headers, body: string, options: { readonly repeatable: boolean }) => Promise<Answer>

function sender(encrypted: boolean): Send {
  const agent = encrypted ? new Agent({ keepAlive: true }) : new PlainAgent({ keepAlive: true })
  const open = encrypted ? request : plainRequest

  const attempt = (url: string, headers: Headers, body: string) =>
    new Promise<Answer>((resolve, reject) => {
      const sent = open(url, {
        agent,
        method: 'POST',
        timeout: ANSWER_WITHIN_MS,
        headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      })
      sent.once('response', (response) => {
        readText(response).then((text) => resolve({ status: response.statusCode ?? 0, body: text }), reject)
      })
      sent.once('timeout', () => sent.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`)))
      sent.on('error', (error) => reject(sent.reusedSocket ? new KeptConnectionLost(error) : error))
      sent.end(body)
    })

  return async (url, headers, body, { repeatable }) => {
    try {
      return await attempt(url, headers, body)
    } catch (error) {
      // A sandbox that was frozen finds its connections closed. What may have been done is not done again from here.
      if (repeatable && error instanceof KeptConnectionLost) return attempt(url, headers, body)
      throw error
    }
  }
}

class KeptConnectionLost extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause })
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** batchGet and runQuery stream an array, commit answers one object; both hold `error` in the same form. */
function refusalIn(body: string): { readonly status: string; readonly message: string } {
  try {
    const parsed: unknown = JSON.parse(body)
    const first = Array.isArray(parsed) ? parsed[0] : parsed
    const { status = '', message = '' } = (first as { error?: { status?: string; message?: string } }).error ?? {}
    return { status, message }
  } catch {
    return { status: '', message: body.slice(0, 200) }
  }
}
