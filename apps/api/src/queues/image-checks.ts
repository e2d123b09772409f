/**
 * Looks for newer images of what runs: one HEAD per reference and workspace an hour, the tags of those that are versions once a day, and
 * nothing while a registry asks to be left alone. What is due is claimed in Postgres, so that any number of processes share it.
 */
import { formatImageReference, parseImageReference } from '@berth/shared/model/image-reference';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ENV, type Env } from '../config/env.ts';
import { digestOfTag, tagsOf } from '../images/registry-client.ts';
import { type DueImage, ImageCheckRepository, type WantedImage } from '../persistence/image-check-repository.ts';
import { RegistryRepository } from '../persistence/registry-repository.ts';
import { newerVersion, parseVersion } from '../planning/images/newer-version.ts';

const AT_ONCE = 20;
const TICK_MS = { least: 50, most: 10_000 } as const;
const TAGS_EVERY = 24;
/** Ticks from one look at what runs to the next. */
const ENROL_TICKS = 6;

@Injectable()
export class ImageChecks implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('ImageChecks');
  private timer: NodeJS.Timeout | undefined;
  private ticks = 0;
  private failing = false;
  private closing = false;

  constructor(
    private readonly checks: ImageCheckRepository,
    private readonly registries: RegistryRepository,
    @Inject(ENV) private readonly env: Env,
  ) {}

  onApplicationBootstrap(): void {
    if (this.env.IMAGE_CHECK_SECONDS > 0) this.schedule();
  }

  onModuleDestroy(): void {
    this.closing = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    const everyMs = Math.min(Math.max((this.env.IMAGE_CHECK_SECONDS * 1000) / 4, TICK_MS.least), TICK_MS.most);
    if (!this.closing) this.timer = setTimeout(() => void this.tick().finally(() => this.schedule()), everyMs);
  }

  private async tick(): Promise<void> {
    const every = this.env.IMAGE_CHECK_SECONDS;
    try {
      if (this.ticks++ % ENROL_TICKS === 0) {
        await this.checks.want((await this.checks.running()).flatMap(({ workspaceId, image }) => wantedImage(workspaceId, image) ?? []));
        await this.checks.forget();
      }
      const due = await this.checks.claim(AT_ONCE, every, every * TAGS_EVERY);
      const byRegistry = new Map<string, DueImage[]>();
      for (const image of due) {
        const key = `${image.workspaceId} ${image.registry}`;
        byRegistry.set(key, [...(byRegistry.get(key) ?? []), image]);
      }
      await Promise.all([...byRegistry.values()].map((images) => this.checkAll(images)));
      this.failing = false;
    } catch (error) {
      if (!this.failing && !this.closing) this.log.warn(`cannot look for newer images now: ${String(error)}`);
      this.failing = true;
    }
  }

  /** One after the other, until their registry has had enough. */
  private async checkAll(images: readonly DueImage[]): Promise<void> {
    for (const image of images) if (this.closing || (await this.check(image)) !== null) return;
  }

  private async check(due: DueImage): Promise<number | null> {
    const parsed = parseImageReference(due.reference);
    if (!parsed.ok) return null;
    const { image } = parsed;
    const login = await this.registries.credentialsFor(due.workspaceId, image.registry);
    const found = await digestOfTag(image, login);
    if (!found.ok || found.pauseSeconds !== null || !due.tagsDue || !parseVersion(image.tag ?? '')) {
      const answer = found.ok ? { digest: found.value, error: null } : { error: found.message };
      await this.checks.store(due, { ...answer, tagsAsked: false, pauseSeconds: found.pauseSeconds });
      return found.pauseSeconds;
    }
    const tags = await tagsOf(image, login);
    const newerTag = tags.ok ? newerVersion(image.tag ?? '', tags.value) : undefined;
    await this.checks.store(due, { digest: found.value, newerTag, error: null, tagsAsked: tags.ok, pauseSeconds: tags.pauseSeconds });
    return tags.pauseSeconds;
  }
}

/** Null for what never moves. */
export function wantedImage(workspaceId: string, text: string): WantedImage | null {
  const parsed = parseImageReference(text);
  if (!parsed.ok || parsed.image.digest) return null;
  return { workspaceId, reference: formatImageReference(parsed.image), registry: parsed.image.registry };
}
