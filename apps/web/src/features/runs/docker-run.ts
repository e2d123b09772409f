/**
 * Reads a pasted `docker run …` line into what Berth runs. Pure.
 *
 * Every flag that `docker run` has is known. Those that Berth has are mapped; those that are what Berth does anyway are accepted;
 * all others are refused by name with one sentence: nothing is dropped in silence.
 */
import type { CreateRun } from '@berth/shared/model/run';
import { splitWords } from '../../lib/shell-words.ts';
import { FLAGS, type Flag, SHORT_FLAGS } from './docker-run-flags.ts';
import { type Draft, emptyDraft, imageProblem, isOffSwitch, readFlag, toCreateRun } from './docker-run-values.ts';

export type DockerRun =
  /** `notes`: what was accepted and what it means here, for the reader. */
  { ok: true; run: CreateRun; notes: string[] } | { ok: false; problems: string[] };

/** Whether a text is meant as a docker command, so that the palette can offer to run it. */
export function looksLikeDockerRun(text: string): boolean {
  return /^\s*(?:\$\s+|#\s+|sudo\s+)*(?:docker|podman|nerdctl)\s+(?:container\s+)?(?:run|create)\b/.test(text);
}

/** Never throws. */
export function parseDockerRun(line: string): DockerRun {
  // A prompt is often copied along; to a shell it would be a variable or a comment.
  const split = splitWords(line.replace(/^\s*[$#]\s+/, ''));
  if (!split.ok) return { ok: false, problems: [split.message] };
  const words = dropPreamble(split.words);
  if (words === null) return { ok: false, problems: ['This does not start with "docker run".'] };

  const draft = emptyDraft();
  const problems: string[] = [];
  let index = 0;
  for (; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--') {
      index++;
      break;
    }
    if (!word.startsWith('-') || word === '-') break;
    index += word.startsWith('--') ? readLong(word, words[index + 1], draft, problems) : readShort(word, words[index + 1], draft, problems);
  }

  const [image, ...args] = words.slice(index);
  if (image === undefined) problems.push('No image is named: write it after the flags, as in "docker run hello-world".');
  else {
    const problem = imageProblem(image);
    if (problem !== null) problems.push(problem);
  }
  if (problems.length > 0 || image === undefined) return { ok: false, problems };
  return { ok: true, run: toCreateRun(draft, image, args), notes: draft.notes };
}

/** What follows `docker run`; null if this is another command. */
function dropPreamble(words: string[]): string[] | null {
  const rest = [...words];
  while (rest[0] === 'sudo') rest.shift();
  if (!['docker', 'podman', 'nerdctl'].includes(rest.shift() ?? '')) return null;
  if (rest[0] === 'container') rest.shift();
  return ['run', 'create'].includes(rest.shift() ?? '') ? rest : null;
}

/** Returns how many further words were taken. */
function readLong(word: string, next: string | undefined, draft: Draft, problems: string[]): number {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const flag = FLAGS[name];
  if (!flag) {
    problems.push(`docker run has no flag --${name}.`);
    return 0;
  }
  const inline = equals < 0 ? undefined : word.slice(equals + 1);
  return take(name, flag, inline, next, draft, problems);
}

/** `-it`, `-p8080:80`, `-e A=1`: letters without a value may be followed by more letters. */
function readShort(word: string, next: string | undefined, draft: Draft, problems: string[]): number {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] ?? '';
    const name = SHORT_FLAGS[letter];
    const flag = name === undefined ? undefined : FLAGS[name];
    if (name === undefined || !flag) {
      problems.push(`docker run has no flag -${letter}.`);
      return 0;
    }
    if (flag.value) {
      const attached = word.slice(at + 1).replace(/^=/, '');
      return take(name, flag, word.length > at + 1 ? attached : undefined, next, draft, problems);
    }
    const assigned = word[at + 1] === '=' ? word.slice(at + 2) : undefined;
    take(name, flag, assigned, undefined, draft, problems);
    if (assigned !== undefined) return 0;
  }
  return 0;
}

function take(name: string, flag: Flag, inline: string | undefined, next: string | undefined, draft: Draft, problems: string[]): number {
  const value = flag.value ? (inline ?? next) : (inline ?? 'true');
  const used = flag.value && inline === undefined ? 1 : 0;
  if (value === undefined) {
    problems.push(`--${name} needs a value.`);
    return used;
  }
  if (!flag.value && !/^(?:true|false|t|f|1|0)$/i.test(value)) {
    problems.push(`--${name} is a switch: "${value}" is neither true nor false.`);
    return used;
  }
  if (flag.refuse !== undefined) {
    // A switch that is off asks for nothing.
    if (flag.value || !isOffSwitch(value)) problems.push(`--${name}: ${flag.refuse}`);
    return used;
  }
  const problem = readFlag(flag.as, value, draft);
  if (problem !== null) problems.push(`--${name}: ${problem}`);
  return used;
}
