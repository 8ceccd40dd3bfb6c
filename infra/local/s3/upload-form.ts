import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import busboy from 'busboy'
import { invalidArgument, notImplemented, S3Error } from './errors.ts'

const MAX_FIELDS_BYTES = 20 * 1024
const MAX_FIELDS = 100

export interface UploadForm {
  /** The fields that stood before the file, by lower-case name. */
  readonly fields: ReadonlyMap<string, string>
  readonly filename: string
  readonly file: Readable
  /** Resolves once the form has ended well after the file; rejects where it broke off. */
  readonly ended: Promise<void>
}

/**
 * Reads a browser's upload form up to its file, which the caller must consume. Fields behind the file are ignored,
 * as S3 does.
 * @throws S3Error where the form is none that S3 takes.
 */
export function readUploadForm(request: IncomingMessage): Promise<UploadForm> {
  const { promise, resolve, reject } = Promise.withResolvers<UploadForm>()
  const end = Promise.withResolvers<void>()
  // Whoever never got as far as the file has no use for its end.
  end.promise.catch(() => {})
  const fail = (error: Error) => {
    reject(error)
    end.reject(error)
    request.unpipe(parser).resume()
  }

  const fields = new Map<string, string>()
  let size = 0
  let hasFile = false
  const parser = openParser(request)
  parser.on('field', (name, value, { nameTruncated, valueTruncated }) => {
    if (hasFile) return
    const lower = name.toLowerCase()
    size += Buffer.byteLength(name) + Buffer.byteLength(value)
    if (nameTruncated || valueTruncated || size > MAX_FIELDS_BYTES) fail(tooMuchBeforeFile())
    else if (lower === 'file') fail(invalidArgument('The field file must be a file: give it a filename', 'file'))
    else if (fields.has(lower)) fail(invalidArgument(`POST fields must be given once: ${name}`, name))
    else fields.set(lower, value)
  })
  parser.on('file', (name, file, { filename }) => {
    if (hasFile || name.toLowerCase() !== 'file') {
      file.resume()
      fail(wrongNumberOfFiles())
      return
    }
    hasFile = true
    resolve({ fields, filename: filename ?? '', file, ended: end.promise })
  })
  parser.on('fieldsLimit', () => fail(tooMuchBeforeFile()))
  parser.on('error', () => fail(malformed()))
  parser.on('close', () => {
    if (!hasFile) fail(wrongNumberOfFiles())
    end.resolve()
  })
  request.once('error', () => parser.destroy(new Error('the sender hung up')))
  request.pipe(parser)
  return promise
}

function openParser(request: IncomingMessage): busboy.Busboy {
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: { fieldSize: MAX_FIELDS_BYTES, fieldNameSize: 256, fields: MAX_FIELDS },
    })
  } catch {
    throw malformed()
  }
}

/**
 * The fields as the policy judges them: the key's `${filename}` is replaced first.
 * @throws S3Error for what a form must have and has not, or asks for and is not run.
 */
export function expandFields({ fields, filename }: UploadForm): ReadonlyMap<string, string> {
  const key = fields.get('key')
  if (key === undefined) {
    const message =
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields."
    throw invalidArgument(message, 'key', '')
  }
  const expanded = key.replaceAll('$' + '{filename}', () => filename)
  if (expanded === '') throw invalidArgument('User key must have a length greater than 0.', 'key', '')
  for (const name of ['success_action_redirect', 'redirect']) {
    if (fields.has(name)) throw notImplemented(`the form field ${name}; use success_action_status`)
  }
  return new Map([...fields, ['key', expanded] as const])
}

const malformed = () =>
  new S3Error(400, 'MalformedPOSTRequest', 'The body of your POST request is not well-formed multipart/form-data.')

const tooMuchBeforeFile = () =>
  new S3Error(
    400,
    'MaxPostPreDataLengthExceededError',
    'Your POST request fields preceding the upload file were too large.',
  )

const wrongNumberOfFiles = () =>
  new S3Error(400, 'IncorrectNumberOfFilesInPostRequest', 'POST requires exactly one file upload per request.')
