import { randomBytes } from 'node:crypto'
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sendFile } from './send-file.ts'

const bytes = randomBytes(5_000_000)
let folder: string
let server: Server
let sent: Promise<void>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'send-file-'))
  const file = join(folder, 'object')
  writeFileSync(file, bytes)
  server = createServer((request, response) => {
    const [first = 0, last = 0] = (request.url ?? '').slice(1).split('-').map(Number)
    sent = sendFile(openSync(file, 'r'), { first, last }, response)
    sent.catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

function open(range: string): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => get({ port, path: `/${range}`, agent: false }, resolve).once('error', reject))
}

test('the bytes arrive as they lie there, however slowly they are taken', async () => {
  const response = await open('0-4999999')
  const chunks: Buffer[] = []
  for await (const chunk of response) {
    chunks.push(chunk as Buffer)
    if (chunks.length % 20 === 0) await sleep(5)
  }

  expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
  await sent
})

test('of a range, both ends are in it', async () => {
  const response = await open('300000-1300000')

  const received = await response.toArray()

  expect(Buffer.concat(received).equals(bytes.subarray(300_000, 1_300_001))).toBe(true)
})

test('a client that goes away ends it', async () => {
  const response = await open('0-4999999')

  response.destroy()

  await expect(sent).rejects.toThrow()
})

test('a file that is too short is an error, not a short answer', async () => {
  const response = await open('4999000-5000999')

  await expect(response.toArray()).rejects.toThrow('aborted')
  await expect(sent).rejects.toThrow('ends at 5000000')
})
