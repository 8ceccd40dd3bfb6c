import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, Stack } from 'aws-cdk-lib'
import { GoogleAuth } from 'google-auth-library'
import { dev } from '../config/dev.ts'
import { googleIdentityLayer } from './google-identity-layer.ts'

const workloadIdentity = {
  projectNumber: '123456789012',
  pool: 'aws-lambda',
  provider: 'messageai-dev',
  serviceAccount: 'media@messageai-dev.iam.gserviceaccount.com',
}

let outdir: string
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'messageai-identity-'))
})
afterEach(() => {
  rmSync(outdir, { recursive: true })
})

test("the layer's file is what Google's own library takes for an identity of AWS, and holds no secret", async () => {
  const app = new App({ outdir, analyticsReporting: false, builtinCloudFormationValidation: false })
  const stack = new Stack(app, 'stack')
  googleIdentityLayer(stack, { ...dev, firebase: { ...dev.firebase, workloadIdentity } })
  app.synth()
  const { files } = JSON.parse(readFileSync(join(outdir, 'stack.assets.json'), 'utf8'))
  const folder = Object.values<{ source: { path: string; packaging: string } }>(files)
    .map(({ source }) => source)
    .find(({ packaging }) => packaging === 'zip')?.path
  const text = readFileSync(join(outdir, folder ?? '', 'google-external-account.json'), 'utf8')
  expect(text).not.toMatch(/private_key|secret/)

  const client = await new GoogleAuth({ credentials: JSON.parse(text), scopes: 'scope' }).getClient()
  expect(client.constructor.name).toBe('AwsClient')
})

test('no identity, no layer: an emulator asks nobody', () => {
  expect(googleIdentityLayer(new Stack(new App(), 'stack'), dev)).toBeUndefined()
})
