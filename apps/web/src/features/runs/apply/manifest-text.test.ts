import { expect, test } from 'vitest';
import { askedOf, mainOf, whatIsPasted, withFiles } from './manifest-text.ts';

test.each([
  ['kind: Run\nmetadata: { name: a }\n', 'a manifest'],
  ['# words\n---\nkind : Service\n', 'a manifest'],
  ['[{"kind": "Run"}]', 'a manifest'],
  ['version: "3"\nservices:\n  web: { image: nginx }\n', 'a Compose file'],
  ['{ "services": {} }', 'a Compose file'],
  ['nginx', null],
  ['docker run nginx', null],
  ['a kind: of text', null],
])('%j is seen as %s', (text, what) => expect(whatIsPasted(text)).toBe(what));

test('a docker run line becomes a manifest of a run, named after its image where it has no name', () => {
  const asked = askedOf('docker run -d -p 8080:80 -e A=1 -l team=x ghcr.io/team/nginx:1.29');
  expect(asked.ok && JSON.parse(asked.text)).toEqual({
    kind: 'Run',
    metadata: { name: 'nginx', labels: { team: 'x' } },
    spec: { image: 'ghcr.io/team/nginx:1.29', env: { A: '1' }, ports: [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' }] },
  });
  const named = askedOf('docker run --name web nginx');
  expect(named.ok && JSON.parse(named.text).metadata).toEqual({ name: 'web' });
  expect(askedOf('docker run --gpus all nginx')).toMatchObject({ ok: false, problems: [expect.stringContaining('--gpus')] });
});

test('all else goes to the api as it is, with the files beside it', () => {
  expect(askedOf('kind: Run\n')).toEqual({ ok: true, text: 'kind: Run\n', notes: [] });
  expect(withFiles('services: {}', new Map())).toBe('services: {}');
  expect(JSON.parse(withFiles('services: {}', new Map([['.env', 'A=1']])))).toEqual({
    files: { '.env': 'A=1', 'manifest.yaml': 'services: {}' },
    file: 'manifest.yaml',
  });
  expect(mainOf(['.env', 'other.yaml', 'compose.yml'])).toBe('compose.yml');
  expect(mainOf(['app.env', 'run.yaml'])).toBe('run.yaml');
  expect(mainOf([])).toBeUndefined();
});
