import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Consumer, Resources } from '../../consumers/runtime/define-consumer.ts'
import type { ServedS3 } from '../../infra/local/s3/serve-for-test.ts'
import type { Answer, Ask, Handled } from './protocol.ts'

/** A consumer's handler in a process of its own, over live ports and a local S3. */
export interface ConsumerProcess {
  readonly name: string
  /** As it declares them. */
  readonly resources: Resources
  /** Where it may put temporary files. */
  readonly scratch: string
  /** All that it has written to its console. */
  said(): string
  handle(ask: Omit<Ask, 'id'>): Promise<Handled>
  stop(): Promise<void>
}

/**
 * As on AWS, it finds an ffmpeg only where its function has one.
 * @param s3 holds `bucket`, with versions
 */
export async function startConsumer(name: string, s3: ServedS3, bucket: string): Promise<ConsumerProcess> {
  const { consumer } = (await import(`../../consumers/${name}/consumer.ts`)) as { consumer: Consumer }
  const hasFfmpeg = consumer.needs.some((need) => need === 'video' || need === 'voice')
  const scratch = mkdtempSync(join(tmpdir(), `${name}-`))
  const { accessKeyId, secretAccessKey } = s3.cloud.credentials
  const child = fork(join(import.meta.dirname, 'child.ts'), [name], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...(hasFfmpeg && { PATH: process.env['PATH'], FFMPEG_BIN: process.env['FFMPEG_BIN'] }),
      NODE_NO_WARNINGS: '1',
      TMPDIR: scratch,
      MEDIA_BUCKET: bucket,
      AWS_ENDPOINT_URL: s3.endpoint,
      AWS_REGION: s3.cloud.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`${name} ended with ${signal ?? code}: ${said}`)))
  })
  ended.catch(() => {})
  await Promise.race([once(child, 'message'), ended])

  const waiting = new Map<number, (answer: Answer) => void>()
  child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  let lastId = 0
  return {
    name,
    resources: consumer.resources,
    scratch,
    said: () => said,
    handle(ask) {
      const id = ++lastId
      const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve))
      child.send({ ...ask, id } satisfies Ask)
      return Promise.race([answered, ended])
    },
    async stop() {
      const over = once(child, 'exit')
      child.disconnect()
      await over
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}
