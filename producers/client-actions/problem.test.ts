import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GATEWAY_PROBLEMS, PROBLEMS, problemAnswer } from './problem.ts'

test('a problem is an RFC 9457 document with a code, a sentence and a remedy', () => {
  const answer = problemAnswer({
    code: 'invalid-request',
    detail: 'The description of the file does not fit.',
    errors: [{ pointer: '/bytes', message: 'must be >= 1' }],
  })

  expect(answer.statusCode).toBe(400)
  expect(answer.headers).toMatchObject({ 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' })
  expect(JSON.parse(answer.body)).toEqual({
    type: 'https://contracts.messageai.media/problems/invalid-request',
    title: 'The request does not fit',
    status: 400,
    code: 'invalid-request',
    detail: 'The description of the file does not fit.',
    remedy: 'Mend each place that `errors` names; docs/api.md lists the fields.',
    errors: [{ pointer: '/bytes', message: 'must be >= 1' }],
  })
})

test('what can be tried again says when', () => {
  const answer = problemAnswer({ code: 'unavailable', detail: 'Not now.', retryAfterSeconds: 2 })

  expect(answer.headers).toMatchObject({ 'Retry-After': '2' })
})

test('docs/api.md lists every problem with its status, title and remedy, and none that is not', () => {
  const docs = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
  const rows = [...docs.matchAll(/^\| (\d{3}) \| `([a-z-]+)` \| (.+?) \| (.+?) \|$/gm)]

  expect(Object.fromEntries(rows.map(([, status, code, title, remedy]) => [code, { status, title, remedy }]))).toEqual(
    Object.fromEntries(
      Object.entries(PROBLEMS).map(([code, problem]) => [code, { ...problem, status: String(problem.status) }]),
    ),
  )
})

test('what API Gateway answers by itself has a problem of the same table', () => {
  for (const code of Object.values(GATEWAY_PROBLEMS)) expect(PROBLEMS).toHaveProperty(code)
})
