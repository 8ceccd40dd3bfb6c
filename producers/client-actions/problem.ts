import type { APIGatewayProxyResult } from 'aws-lambda'
import { BROWSER_HEADERS } from './answer.ts'

/** Every way in which the API refuses. docs/api.md lists the same, and a test holds the two together. */
export const PROBLEMS = {
  'malformed-json': {
    status: 400,
    title: 'The body is not JSON',
    remedy: 'Send one JSON object in UTF-8, each of its names once.',
  },
  'invalid-request': {
    status: 400,
    title: 'The request does not fit',
    remedy: 'Mend each place that `errors` names; docs/api.md lists the fields.',
  },
  unauthenticated: {
    status: 401,
    title: 'Who you are is not known',
    remedy: 'Send `Authorization: Bearer <Firebase ID token>`; tokens last an hour, so get a fresh one.',
  },
  'not-a-member': {
    status: 403,
    title: 'Not your conversation',
    remedy: 'Ask a member of the conversation to add you, or name a conversation that you are in.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    remedy: 'Call one of the routes of docs/api.md with a token of your own.',
  },
  'not-a-moderator': {
    status: 403,
    title: 'Only moderators decide this',
    remedy: 'Ask a moderator; whoever became one signs in again.',
  },
  'not-found': {
    status: 404,
    title: 'There is no such media',
    remedy: 'Check the id; a media can be seen by its owner and the members of its conversation.',
  },
  'idempotency-conflict': {
    status: 409,
    title: 'The idempotency key was used for another request',
    remedy: 'Repeat the first request as it was, or send a new Idempotency-Key.',
  },
  'upload-expired': {
    status: 409,
    title: 'The upload has expired',
    remedy: 'Reserve it again with a new Idempotency-Key.',
  },
  'not-uploaded': {
    status: 409,
    title: 'The file is not there yet',
    remedy: 'Wait until the media is processing.',
  },
  deleted: {
    status: 410,
    title: 'The media was deleted',
    remedy: 'Upload it again with a new Idempotency-Key.',
  },
  'body-too-large': {
    status: 413,
    title: 'The request body is too large',
    remedy: 'Send the description only; the file goes to the signed upload.',
  },
  'file-too-large': {
    status: 413,
    title: 'The file is too large',
    remedy: 'Choose a smaller file or compress it; `limits` says what is taken.',
  },
  'unsupported-type': {
    status: 415,
    title: 'This kind of file is not taken',
    remedy: 'Convert it to one of the types in `limits`.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    remedy: 'Wait as long as Retry-After says, then repeat the request with the same Idempotency-Key.',
  },
  internal: {
    status: 500,
    title: 'We failed',
    remedy: 'Repeat the request with the same Idempotency-Key; if it goes on, tell us the request id.',
  },
  unavailable: {
    status: 503,
    title: 'Not available at the moment',
    remedy: 'Wait as long as Retry-After says, then repeat the request with the same Idempotency-Key.',
  },
} as const satisfies Readonly<Record<string, { status: number; title: string; remedy: string }>>

export type ProblemCode = keyof typeof PROBLEMS

/** What API Gateway answers by itself, by its response type. */
export const GATEWAY_PROBLEMS = {
  ACCESS_DENIED: 'forbidden',
  AUTHORIZER_FAILURE: 'internal',
  BAD_REQUEST_BODY: 'invalid-request',
  BAD_REQUEST_PARAMETERS: 'invalid-request',
  DEFAULT_5XX: 'internal',
  MISSING_AUTHENTICATION_TOKEN: 'forbidden',
  REQUEST_TOO_LARGE: 'body-too-large',
  THROTTLED: 'too-many-requests',
  UNAUTHORIZED: 'unauthenticated',
} as const satisfies Readonly<Record<string, ProblemCode>>

/** A refusal, before it becomes an answer. */
export interface Problem {
  readonly code: ProblemCode
  /** One sentence about this very request. */
  readonly detail: string
  readonly errors?: readonly FieldError[]
  /** The limits that were met. */
  readonly limits?: Readonly<Record<string, unknown>>
  readonly retryAfterSeconds?: number
}

export interface FieldError {
  /** JSON Pointer into the body; `#Name` for a header. */
  readonly pointer: string
  readonly message: string
}

/** A value, or why there is none. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem }

export function accepted<T>(value: T): Checked<T> {
  return { ok: true, value }
}

export function refused(
  code: ProblemCode,
  detail: string,
  more: Omit<Problem, 'code' | 'detail'> = {},
): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: { code, detail, ...more } }
}

/** An RFC 9457 problem document; `code`, `remedy`, `errors` and `limits` are its extension members. */
export function problemDocument({ code, detail, errors, limits }: Problem) {
  const { status, title, remedy } = PROBLEMS[code]
  return {
    type: `https://contracts.messageai.media/problems/${code}`,
    title,
    status,
    code,
    detail,
    remedy,
    ...(errors && { errors }),
    ...(limits && { limits }),
  }
}

export function problemAnswer(problem: Problem): APIGatewayProxyResult {
  const { retryAfterSeconds } = problem
  return {
    statusCode: PROBLEMS[problem.code].status,
    headers: {
      ...BROWSER_HEADERS,
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
    },
    body: JSON.stringify(problemDocument(problem)),
  }
}
