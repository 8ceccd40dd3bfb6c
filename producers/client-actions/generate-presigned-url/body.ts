import { createHash } from 'node:crypto'
import { Ajv } from 'ajv'
import { KINDS, type Kind, LIMITS } from '../../../contracts/limits.ts'
import { fieldErrors } from '../field-errors.ts'
import { accepted, type Checked, refused } from '../problem.ts'

/** What a client asks for. */
export interface UploadRequest {
  readonly kind: Kind
  readonly contentType: string
  readonly bytes: number
  /** Every kind but a profile picture belongs to one. */
  readonly conversationId?: string
  /** What its sender calls a file. */
  readonly fileName?: string
  /** base64 */
  readonly sha256?: string
}

/**
 * The body of POST /media/upload, in the words that JSON Schema draft-04 and draft-07 share, so that an API Gateway model
 * can be made of it. What is a limit and not a shape (the types taken, the most bytes) is judged after it, with answers
 * of its own.
 */
export const UPLOAD_REQUEST_SCHEMA = {
  title: 'UploadRequest',
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'contentType', 'bytes'],
  properties: {
    kind: { type: 'string', enum: KINDS },
    contentType: { type: 'string', minLength: 1, maxLength: 127 },
    bytes: { type: 'integer', minimum: 1 },
    // It becomes a part of a Firestore path: no slash, no `.` or `__…__`.
    conversationId: { type: 'string', pattern: '^[A-Za-z0-9-][A-Za-z0-9_.:@-]{0,127}$' },
    fileName: { type: 'string', minLength: 1, maxLength: 1024 },
    sha256: { type: 'string', pattern: '^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$' },
  },
} as const

/** What a media of this kind may be, as clients are told. */
export function limitsOf(kind: Kind): Readonly<Record<string, unknown>> & { readonly maxBytes: number } {
  return Object.fromEntries(Object.entries(LIMITS[kind]).filter(([name]) => SHOWN.includes(name))) as {
    readonly maxBytes: number
  }
}

/** The others are how we keep to these. */
const SHOWN = ['contentTypes', 'maxBytes', 'maxPixels', 'maxFrames', 'maxSeconds', 'fileNameMaxLength']

/** As a sentence's subject. */
const CALLED: Readonly<Record<Kind, string>> = {
  image: 'An image',
  video: 'A video',
  voice: 'A voice note',
  file: 'A file',
  profile: 'A profile picture',
}

const CONTENT_TYPE = /^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/

const validate = new Ajv({ allErrors: true, ownProperties: true }).compile<UploadRequest>(UPLOAD_REQUEST_SCHEMA)

export function checkUploadRequest(body: unknown): Checked<UploadRequest> {
  if (!validate(body)) {
    const errors = fieldErrors(validate.errors)
    return refused('invalid-request', 'The description of the file does not fit.', { errors })
  }
  const { kind, contentType, bytes, conversationId } = body
  const limits = limitsOf(kind)
  const { contentTypes }: { readonly contentTypes: readonly string[] } = LIMITS[kind]
  const called = CALLED[kind]
  if ((conversationId === undefined) !== (kind === 'profile')) {
    const message = kind === 'profile' ? 'is not for a profile picture' : 'is missing'
    return refused('invalid-request', 'The description of the file does not fit.', {
      errors: [{ pointer: '/conversationId', message }],
    })
  }
  if (kind === 'file' ? !CONTENT_TYPE.test(contentType) : !contentTypes.includes(contentType)) {
    const taken = kind === 'file' ? 'of any type, written like application/pdf' : `one of ${contentTypes.join(', ')}`
    return refused('unsupported-type', `${called} is ${taken}.`, {
      errors: [{ pointer: '/contentType', message: 'is not a type that is taken' }],
      limits,
    })
  }
  if (bytes > limits.maxBytes) {
    return refused(
      'file-too-large',
      `The file has ${bytes} bytes; ${called.replace('A', 'a')} has at most ${limits.maxBytes}.`,
      { errors: [{ pointer: '/bytes', message: `must be at most ${limits.maxBytes}` }], limits },
    )
  }
  return accepted(body)
}

/** Two requests with the same digest ask for the same. */
export function digestOf({ kind, contentType, bytes, conversationId, sha256, fileName }: UploadRequest): string {
  const parts = [
    kind,
    contentType,
    bytes,
    conversationId ?? null,
    sha256 ?? null,
    ...(fileName === undefined ? [] : [fileName]),
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
