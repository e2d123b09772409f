/** Whether a run has the newest of its image. Who asks for a run that does not run has it looked up, too. */
import { BerthError } from '@berth/shared/errors/problem';
import type { RunImage } from '@berth/shared/http/run-image';
import { parseImageReference } from '@berth/shared/model/image-reference';
import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../config/env.ts';
import { ImageCheckRepository } from '../persistence/image-check-repository.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import { imageState } from '../planning/images/image-state.ts';
import { wantedImage } from '../queues/image-checks.ts';

@Injectable()
export class LookAtImageCommand {
  constructor(
    private readonly runs: RunRepository,
    private readonly checks: ImageCheckRepository,
    @Inject(ENV) private readonly env: Env,
  ) {}

  async execute(workspaceId: string, runId: string): Promise<RunImage> {
    const run = await this.runs.get(workspaceId, runId);
    if (!run) throw new BerthError('not-found', `There is no run ${runId}.`);
    const parsed = parseImageReference(run.spec.image);
    if (!parsed.ok) throw new BerthError('conflict', `The image of the run ${parsed.message}.`);
    const { hostId, image } = run.status;
    const checked = this.env.IMAGE_CHECK_SECONDS > 0;
    const wanted = wantedImage(workspaceId, run.spec.image);
    if (wanted && checked) await this.checks.want([wanted]);
    return imageState({
      image: parsed.image,
      digest: /sha256:[a-f0-9]{64}/.exec(image.digest ?? '')?.[0] ?? null,
      check: wanted && (await this.checks.find(workspaceId, wanted.reference)),
      onHost: hostId === null ? [] : await this.checks.onHost(workspaceId, hostId),
      checked,
    });
  }
}
