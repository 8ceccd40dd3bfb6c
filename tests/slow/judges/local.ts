import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocal } from '../../../infra/local/index.ts'
import { ACCOUNT, BUCKET, BUS, connect, type Peer, REGION, VERSIONED_BUCKET } from './peer.ts'

const TEMPLATE = {
  Resources: {
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: BUCKET } },
    Versions: {
      Type: 'AWS::S3::Bucket',
      Properties: { BucketName: VERSIONED_BUCKET, VersioningConfiguration: { Status: 'Enabled' } },
    },
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: BUS } },
  },
}

const MANIFEST = {
  version: '48.0.0',
  artifacts: { Judged: { type: 'aws:cloudformation:stack', properties: { templateFile: 'judged.template.json' } } },
}

/** The local runtime, with all of its services, over a folder of its own. */
export async function serveLocal(): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'judged-'))
  const assemblyDir = join(folder, 'cdk.out')
  mkdirSync(assemblyDir)
  writeFileSync(join(assemblyDir, 'manifest.json'), JSON.stringify(MANIFEST))
  writeFileSync(join(assemblyDir, 'judged.template.json'), JSON.stringify(TEMPLATE))
  const dataDir = join(folder, 'data')
  const cloud = await startLocal({ assemblyDir, dataDir, port: 0, region: REGION, accountId: ACCOUNT, log: () => {} })
  return connect({
    endpoint: cloud.endpoint,
    credentials: cloud.credentials,
    async stop() {
      await cloud.stop()
      rmSync(folder, { recursive: true })
    },
  })
}
