import { Stack, type StackProps } from 'aws-cdk-lib'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { Consumer } from '../../consumers/runtime/define-consumer.ts'
import type { Producer } from '../../producers/runtime/define-producer.ts'
import { EventConsumer } from '../constructs/event-consumer.ts'
import { googleIdentityLayer } from '../constructs/google-identity-layer.ts'
import { binaryLayers } from '../constructs/layers.ts'
import type { Platform } from '../constructs/node-function.ts'
import { NotifiedProducer } from '../constructs/notified-producer.ts'
import { ScheduledProducer } from '../constructs/scheduled-producer.ts'
import { Transcoding } from '../constructs/transcoding.ts'

export interface ProcessingStackProps extends StackProps {
  readonly platform: Omit<Platform, 'googleIdentity'>
  readonly undelivered: Queue
  readonly consumers: readonly Consumer[]
  readonly producers: readonly Producer[]
}

/** What happens without anybody calling: uploads and the time become events, and events become results. */
export class ProcessingStack extends Stack {
  constructor(scope: Construct, id: string, props: ProcessingStackProps) {
    const { platform: shared, undelivered, consumers, producers, ...stackProps } = props
    super(scope, id, stackProps)
    // Layers belong to their stack: another one could not go on using an old version while this one changes.
    const platform: Platform = {
      ...shared,
      googleIdentity: googleIdentityLayer(this, shared.config),
      transcoding: new Transcoding(this, 'Transcoding', shared),
    }
    const layers = binaryLayers(this, shared.config)
    for (const consumer of consumers) {
      new EventConsumer(this, consumer.name, { platform, consumer, layers, undelivered })
    }
    for (const producer of producers) {
      const { name, trigger } = producer
      if (trigger.kind === 'object-created' || trigger.kind === 'aws-event') {
        new NotifiedProducer(this, name, { platform, producer, trigger, undelivered })
      } else if (trigger.kind === 'schedule') {
        new ScheduledProducer(this, name, { platform, producer, trigger })
      }
    }
  }
}
