/** What a container is like beside what was asked of it: one row a setting. `drift`: somebody changed it behind Berth's back. */
import { z } from 'zod';

export const SETTING_SECTIONS = ['container', 'process', 'limits', 'network', 'storage', 'environment', 'labels'] as const;

export const containerSettingSchema = z.strictObject({
  section: z.enum(SETTING_SECTIONS),
  name: z.string(),
  /** Null: nothing was asked, so that it is as the image or the engine has it. */
  asked: z.string().nullable(),
  /** Null: the engine has nothing of it. */
  has: z.string().nullable(),
  drift: z.boolean(),
});
export type ContainerSetting = z.infer<typeof containerSettingSchema>;
