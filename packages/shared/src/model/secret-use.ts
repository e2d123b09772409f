/** Which secrets a run has, and where its container finds them: each in a variable, or in a file in memory. */
import { z } from 'zod';
import { resourceNameSchema } from './metadata.ts';
import { inputText } from './text.ts';

const OWNER = z.int().min(0).max(4_294_967_294);

export const secretUseSchema = z
  .strictObject({
    /** The name of the secret. */
    secret: resourceNameSchema,
    /** The latest where absent; filled in when the run is accepted, so that all of its attempts have the same. */
    version: z.int().min(1).optional(),
    /** The variable that holds it. */
    env: inputText(1024)
      .regex(/^[^=]+$/, 'a variable name has no "=" in it and is not empty')
      .optional(),
    /** The file that holds it, on a file system in memory that the container cannot write to. */
    file: inputText(4096)
      .regex(/^(?:\/(?!\.{1,2}(?:\/|$))[^/]+)+$/, 'must be the absolute path of a file, without "//", "." and ".."')
      .optional(),
    /** Permissions of the file, as `chmod` takes them: "0400"; "0444" where absent. */
    mode: z
      .string()
      .regex(/^0?[0-7]{3}$/, 'must be permissions in octal, as "0400"')
      .optional(),
    /** Owner and group of the file, by number; 0 where absent. */
    uid: OWNER.optional(),
    gid: OWNER.optional(),
  })
  .superRefine(({ env, file, mode, uid, gid }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (env === undefined && file === undefined) refuse('env', 'is required where there is no file: a variable, or a file, that holds it');
    if (env !== undefined && file !== undefined) refuse('file', 'stands beside env; each entry has one of them: make two entries');
    if (file !== undefined) return;
    for (const [name, value] of Object.entries({ mode, uid, gid })) if (value !== undefined) refuse(name, 'counts only with a file');
  });
export type SecretUse = z.infer<typeof secretUseSchema>;

export const secretUsesSchema = z
  .array(secretUseSchema)
  .max(100)
  .superRefine((uses, context) => {
    uses.forEach(({ env, file }, index) => {
      const before = uses.slice(0, index);
      if (env !== undefined && before.some((other) => other.env === env))
        context.addIssue({ code: 'custom', path: [index, 'env'], message: `${env} is named twice` });
      if (file === undefined) return;
      const other = before.find((each) => each.file !== undefined && isWithin(each.file, file))?.file;
      if (other === file) context.addIssue({ code: 'custom', path: [index, 'file'], message: `${file} is named twice` });
      else if (other !== undefined)
        context.addIssue({ code: 'custom', path: [index, 'file'], message: `one of ${file} and ${other} would have to be a folder` });
    });
  });

interface Places {
  secrets?: readonly SecretUse[];
  env?: Readonly<Record<string, string>>;
  tmpfs?: readonly { path: string }[];
  mounts?: readonly { target: string }[];
  volumes?: readonly { target: string }[];
}

/** Where a secret would stand in the place of something else that the spec has; "path" below the spec. */
export function secretClashes({
  secrets = [],
  env = {},
  tmpfs = [],
  mounts = [],
  volumes = [],
}: Places): { path: (string | number)[]; message: string }[] {
  return secrets.flatMap(({ env: name, file }, index) => {
    if (name !== undefined && Object.hasOwn(env, name))
      return [{ path: ['secrets', index, 'env'], message: `${name} is a variable of env already` }];
    if (file === undefined) return [];
    const taken = [...tmpfs.map(({ path }) => path), ...[...mounts, ...volumes].map(({ target }) => target)].find(
      (path) => without(path) === file,
    );
    return taken === undefined ? [] : [{ path: ['secrets', index, 'file'], message: `${file} is a mount of its own already` }];
  });
}

const without = (path: string) => path.replace(/\/+$/, '');
/** The same path, or one within the other, whichever way round. */
const isWithin = (a: string, b: string) => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);

/** "db, version 3". */
export const secretWords = ({ secret, version }: SecretUse): string => (version === undefined ? secret : `${secret}, version ${version}`);
