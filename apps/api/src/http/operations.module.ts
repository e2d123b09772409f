import { Module } from '@nestjs/common';
import { ObservabilityModule } from '../observability/observability.module.ts';
import { OperationsController } from './operations.controller.ts';

/** In every role: a worker is watched too. */
@Module({ imports: [ObservabilityModule], controllers: [OperationsController] })
export class OperationsModule {}
