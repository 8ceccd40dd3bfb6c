import { join } from 'node:path'
import { Architecture, Code, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { SHARP_LAYER } from '../build/sharp-layer.ts'
import type { EnvironmentConfig } from '../config/config.ts'

/**
 * sharp and libvips, built for Lambda. Locally functions find the repository's own sharp, so the layer is there in name only and
 * a local build copies no binaries around.
 */
export function sharpLayer(scope: Construct, { environment }: EnvironmentConfig): LayerVersion {
  const local = environment === 'local'
  return new LayerVersion(scope, 'Sharp', {
    description: 'sharp and libvips for linux, arm64, glibc',
    code: Code.fromAsset(SHARP_LAYER, { exclude: local ? [join('nodejs', 'node_modules')] : [] }),
    compatibleArchitectures: [Architecture.ARM_64],
    compatibleRuntimes: [Runtime.NODEJS_24_X],
  })
}
