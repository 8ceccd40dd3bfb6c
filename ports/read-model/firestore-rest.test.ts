import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Call, FirestoreRefusal, firestoreRest } from './firestore-rest.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let server: Server
let answers: Answer[]
let calls: string[]
let rest: Call

const says =
  (status: number, body: unknown): Answer =>
  (_, response) =>
    void response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
const hangsUp: Answer = (request) => void request.socket.destroy()

beforeEach(async () => {
  answers = []
  calls = []
  server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    request.resume().once('end', () => answers.shift()?.(request, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  rest = firestoreRest({ projectId: 'p', emulatorHost: `127.0.0.1:${(server.address() as AddressInfo).port}` })
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

test('a call is a POST to the database, as an emulator takes it', async () => {
  answers = [says(200, [{ found: {} }])]

  expect(await rest('batchGet', {})).toEqual([{ found: {} }])

  expect(calls).toEqual(['POST /v1/projects/p/databases/(default)/documents:batchGet Bearer owner'])
})

test.each([
  ['an object', { error: { code: 409, status: 'ALREADY_EXISTS', message: 'there' } }],
  ['a stream of answers', [{ error: { code: 409, status: 'ALREADY_EXISTS', message: 'there' } }]],
])('a refusal in %s is told by its status', async (_, body) => {
  answers = [says(409, body)]

  const refusal = await rest('commit', {}).catch((error: unknown) => error)

  expect(refusal).toBeInstanceOf(FirestoreRefusal)
  expect(refusal).toMatchObject({ status: 'ALREADY_EXISTS', message: expect.stringContaining('there') })
})

test("an answer that is none of Firestore's is a refusal without a status", async () => {
  answers = [says(502, '<html>Bad Gateway')]

  await expect(rest('commit', {})).rejects.toMatchObject({ name: 'FirestoreRefusal', status: '' })
})

test('a read whose kept connection is gone is sent once more', async () => {
  answers = [says(200, []), hangsUp, says(200, ['again'])]
  await rest('batchGet', {})

  expect(await rest('batchGet', {})).toEqual(['again'])
})

test('a commit whose connection is lost fails: it may have been applied', async () => {
  answers = [says(200, {}), hangsUp, says(200, {})]
  await rest('commit', {})

  await expect(rest('commit', {})).rejects.toThrow('socket hang up')

  expect(calls).toHaveLength(2)
})

test('a new connection that fails is not tried again', async () => {
  answers = [hangsUp, says(200, [])]

  await expect(rest('batchGet', {})).rejects.toThrow('socket hang up')

  expect(calls).toHaveLength(1)
})
