import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { hashOfInputs } from './inputs.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'messageai-inputs-'))
})
afterEach(() => {
  rmSync(root, { recursive: true })
})

function write(path: string, text: string): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

test.each([
  'contracts/generated/events.ts',
  'contracts/generated/validators.js',
  'contracts/generated/registry/MediaUploaded.v1.json',
  'events/bus.ts',
  'ports/images/sharp-images.ts',
  'producers/client-actions/get-media/handler.ts',
  'consumers/generate-thumbnail/consumer.ts',
  'infra/app.ts',
  'infra/stacks/storage.ts',
  'infra/constructs/media-bucket.ts',
  'infra/config/dev.ts',
  'infra/build/bundle.ts',
  'infra/layers/sharp/nodejs/package.json',
  'package-lock.json',
])('a change of %s makes another build', (file) => {
  write(file, 'one')
  const before = hashOfInputs(root, 'local')
  write(file, 'two')
  expect(hashOfInputs(root, 'local')).not.toBe(before)
})

test.each([
  'consumers/generate-thumbnail/consumer.test.ts',
  'ports/images/images.suite.ts',
  'contracts/events/media-uploaded/v1.invalid.json',
  'infra/local/index.ts',
  'docs/api.md',
])('a change of %s does not', (file) => {
  write(file, 'one')
  const before = hashOfInputs(root, 'local')
  write(file, 'two')
  expect(hashOfInputs(root, 'local')).toBe(before)
})

test('environments are told apart, and so are a file and its name', () => {
  write('events/a.ts', 'x')
  const before = hashOfInputs(root, 'local')
  expect(hashOfInputs(root, 'dev')).not.toBe(before)
  rmSync(join(root, 'events/a.ts'))
  write('events/b.ts', 'x')
  expect(hashOfInputs(root, 'local')).not.toBe(before)
})
