/** What runs use: from the hosts into the store, and to who watches. */
import { Global, Module } from '@nestjs/common';
import { SampleFeed } from './sample-feed.ts';
import { SampleIngest } from './sample-ingest.ts';
import { SampleStream } from './sample-stream.ts';

@Global()
@Module({ providers: [SampleFeed, SampleIngest, SampleStream], exports: [SampleFeed, SampleIngest, SampleStream] })
export class StatsModule {}
