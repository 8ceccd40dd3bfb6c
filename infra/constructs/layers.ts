import { join } from 'node:path'
import { Architecture, Code, type ILayerVersion, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { LAYERS, type LayerName } from '../build/layers.ts'
import type { EnvironmentConfig } from '../config/config.ts'

/**
 * The programs and libraries of functions, built for Lambda. Locally functions find this machine's own, so a layer is
 * there in name only and a local build copies no binaries around.
 */
export function binaryLayers(
  scope: Construct,
  { environment }: EnvironmentConfig,
): Readonly<Record<LayerName, ILayerVersion>> {
  const local = environment === 'local'
  const layers = LAYERS.map(({ name, description, folder }) => [
    name,
    new LayerVersion(scope, name === 'sharp' ? 'Sharp' : 'Ffmpeg', {
      description,
      code: Code.fromAsset(folder, { exclude: local ? [join('nodejs', 'node_modules')] : [] }),
      compatibleArchitectures: [Architecture.ARM_64],
      compatibleRuntimes: [Runtime.NODEJS_24_X],
    }),
  ])
  return Object.fromEntries(layers) as Record<LayerName, ILayerVersion>
}
