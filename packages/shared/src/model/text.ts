/**
 * Text that Postgres can keep: no NUL character, no half of a surrogate pair (jsonb refuses both).
 * What a user writes is refused with the mend; what an engine or a registry says is mended, for its words are not the user's to change.
 */
import { z } from 'zod';

const REPLACEMENT = '\uFFFD';
const UNPAIRED = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** The text with U+FFFD in place of what cannot be kept. */
export function storableText(text: string): string {
  return text.replaceAll('\0', REPLACEMENT).replace(UNPAIRED, REPLACEMENT);
}

/** Text from a user, `most` UTF-16 units long at most. */
export const inputText = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => text === storableText(text), 'must not hold a NUL character or half of a surrogate pair');

/** Text from an agent: never a reason to refuse its report. */
export const reportedText = z.string().overwrite(storableText);
