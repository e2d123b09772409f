/** The form's rows of secrets and the spec's, each from the other. Pure. */
import type { RunSpec } from '@berth/shared/model/run';
import type { SecretUse } from '@berth/shared/model/secret-use';

export interface SecretRow {
  secret: string;
  as: 'env' | 'file';
  /** The variable, or the path of the file. */
  place: string;
  /** The latest where empty. */
  version: string;
  /** Of the file: permissions, and numbers of its owner and group. */
  mode: string;
  owner: string;
}
export interface SecretRows {
  secrets: SecretRow[];
}
export const EMPTY_SECRET: SecretRow = { secret: '', as: 'env', place: '', version: '', mode: '', owner: '' };

const isFilled = ({ secret, place }: SecretRow) => secret !== '' || place !== '';

export function toSecrets(rows: readonly SecretRow[], number: (text: string) => number): RunSpec['secrets'] {
  const filled = rows.filter(isFilled).map(({ secret, as, place, version, mode, owner }): SecretUse => {
    const [uid = '', gid = ''] = owner.trim().split(':');
    return {
      secret,
      ...(version.trim() !== '' && { version: number(version) }),
      ...(as === 'env' ? { env: place.trim() } : { file: place.trim() }),
      ...(as === 'file' && mode.trim() !== '' && { mode: mode.trim() }),
      ...(as === 'file' && uid !== '' && { uid: number(uid) }),
      ...(as === 'file' && gid !== '' && { gid: number(gid) }),
    };
  });
  return filled.length > 0 ? filled : undefined;
}

export const fromSecrets = ({ secrets = [] }: RunSpec): SecretRow[] =>
  secrets.map(({ secret, version, env, file, mode = '', uid, gid }) => ({
    secret,
    as: file === undefined ? 'env' : 'file',
    place: env ?? file ?? '',
    version: version === undefined ? '' : String(version),
    mode,
    owner: uid === undefined && gid === undefined ? '' : `${uid ?? 0}${gid === undefined ? '' : `:${gid}`}`,
  }));

const FIELDS: Readonly<Record<string, keyof SecretRow>> = {
  env: 'place',
  file: 'place',
  version: 'version',
  mode: 'mode',
  uid: 'owner',
  gid: 'owner',
};

/** `rest`: of the path behind "secrets". Empty rows are not sent, so places in the request and on the screen may differ. */
export function secretFieldOf([place, field = 'secret']: readonly string[], { secrets }: SecretRows): string | null {
  const sent = secrets.flatMap((row, index) => (isFilled(row) ? [index] : []));
  const index = place === undefined ? undefined : sent[Number(place)];
  return index === undefined ? null : `secrets.${index}.${FIELDS[field] ?? 'secret'}`;
}
