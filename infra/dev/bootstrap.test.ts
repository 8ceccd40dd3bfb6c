import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../tests/program.ts'
import { until } from '../../tests/served-stack.ts'

let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bootstrap-'))
  mkdirSync(join(root, 'infra/dev'), { recursive: true })
  for (const name of ['bootstrap.mjs', 'node-settings.mjs'])
    copyFileSync(join(import.meta.dirname, name), join(root, 'infra/dev', name))
  writeFileSync(join(root, 'package-lock.json'), '{}')
  writeFileSync(join(root, 'npm.js'), 'setInterval(() => {}, 1_000)')
})

afterAll(() => {
  rmSync(root, { recursive: true })
})

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('ends by %s with %i where nothing of what was asked for has begun', async (signal, code) => {
  const args = [join(root, 'infra/dev/bootstrap.mjs'), 'test'] as const
  const program = run([process.execPath, ...args], { env: { npm_execpath: join(root, 'npm.js') } })
  await until('it installs', async () => program.stderr().includes('installing packages') || undefined)
  program.signal(signal)
  expect(await program.ended).toMatchObject({ code, signal: null })
})
