import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { CreateEventBusCommand } from '@aws-sdk/client-eventbridge'
import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import { BUCKET, BUS, connect, type Peer, VERSIONED_BUCKET } from './peer.ts'

/** The program of a moto server, as MOTO_SERVER names it or as it lies on PATH; undefined where there is none. */
export function findMoto(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = environment['MOTO_SERVER']
  if (named) return named
  // A version manager's stand-in may be there without the program: ask it for that.
  const asked = 'pyenv which moto_server 2>/dev/null || command -v moto_server'
  return spawnSync('sh', ['-c', asked], { encoding: 'utf8' }).stdout.trim() || undefined
}

/** Starts a moto server on a free port and makes what every peer has. */
export async function serveMoto(program: string): Promise<Peer> {
  const port = await freePort()
  const child = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const endpoint = `http://127.0.0.1:${port}`
  const stop = async () => {
    child.kill()
    await ended
  }
  try {
    await untilServing(endpoint)
    const peer = connect({ endpoint, credentials: { accessKeyId: 'moto', secretAccessKey: 'moto' }, stop })
    await peer.s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
    await peer.s3.send(new CreateBucketCommand({ Bucket: VERSIONED_BUCKET }))
    const VersioningConfiguration = { Status: 'Enabled' } as const
    await peer.s3.send(new PutBucketVersioningCommand({ Bucket: VERSIONED_BUCKET, VersioningConfiguration }))
    await peer.events.send(new CreateEventBusCommand({ Name: BUS }))
    peer.answers.length = 0
    return peer
  } catch (error) {
    await stop()
    throw error
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

async function untilServing(endpoint: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while (performance.now() < deadline) {
    const answer = await fetch(`${endpoint}/moto-api/`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((wait) => setTimeout(wait, 100))
  }
  throw new Error('the moto server did not start within a minute')
}
