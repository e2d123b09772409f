import { Module } from '@nestjs/common';
import { OperationsController } from '../http/operations.controller.ts';
import { Metrics } from './metrics.ts';

/** In every role: a worker is watched too. */
@Module({ controllers: [OperationsController], providers: [Metrics], exports: [Metrics] })
export class ObservabilityModule {}
