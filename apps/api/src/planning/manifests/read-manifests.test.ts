import { expect, test } from 'vitest';
import { refusalsOf, wantedOf } from './manifests.test-data.ts';
import { readSource } from './read-source.ts';

test('several documents, in YAML and in JSON, are read by the contracts of their kinds', () => {
  const yaml = `
# what we run
kind: Registry
metadata: { name: ghcr }
spec: { server: ghcr.io, username: robot, password: s3cret }
---
kind: Run
metadata:
  name: greeter
  labels: { team: docs }
spec:
  image: busybox
  args: [echo, "yes"]
  ports: [{ containerPort: 80 }]
---
`;
  const [registry, run] = wantedOf(yaml);
  expect(registry).toMatchObject({ kind: 'Registry', name: 'ghcr', spec: { server: 'ghcr.io' } });
  // As the contract has it: with its defaults.
  expect(run).toMatchObject({
    kind: 'Run',
    labels: { team: 'docs' },
    spec: { args: ['echo', 'yes'], ports: [{ containerPort: 80, protocol: 'tcp' }] },
  });
  const json = JSON.stringify([{ kind: 'Run', metadata: { name: 'a' }, spec: { image: 'busybox' } }]);
  expect(wantedOf(json)).toMatchObject([{ kind: 'Run', name: 'a', spec: { image: 'busybox' } }]);
});

test('what is wrong is named with its document, its line and its column, all at once', () => {
  const errors = refusalsOf(`kind: Run
metadata: { name: a }
spec:
  image: busybox
---
kind: Run
metadata:
  name: B
spec:
  image: busybox
  comand: [x]
  env:
    PORT: 80
`);
  expect(errors).toEqual([
    expect.objectContaining({ path: 'documents.1.metadata.name', document: 2, line: 8, column: 3 }),
    expect.objectContaining({
      path: 'documents.1.spec.comand',
      message: 'line 11: "comand" is not a field here; did you mean "command"?',
      line: 11,
    }),
    expect.objectContaining({
      path: 'documents.1.spec.env.PORT',
      message: 'line 13: must be of type string, is number',
      line: 13,
      column: 5,
    }),
  ]);
});

test.each([
  ['a tab', 'kind: Run\nspec:\n\timage: x\n', 3, 'a tab is used to indent'],
  ['an indentation that fits nothing', 'kind: Run\nspec:\n    image: x\n  args: []\n', 4, 'indentation'],
  ['a key that is there twice', 'kind: Run\nkind: Run\n', 2, 'twice'],
  ['an alias of nothing', 'kind: *no\n', 1, 'no anchor'],
  ['a kind that is none', 'kind: Pod\n', 1, '"Pod" is no kind; the kinds are Volume, Registry, Service, Schedule, Run'],
  ['a kind that is not applied yet', 'kind: Secret\n', 1, 'a Secret cannot be applied yet'],
  ['no kind', 'metadata: {}\n', 1, 'is required'],
  ['a manifest of Kubernetes', 'apiVersion: v1\nkind: Pod\n', 1, 'Manifests of Kubernetes are not read'],
  ['a text', 'hello\n', 1, 'is not a manifest'],
  ['nothing', '# only words\n', 1, 'there is no document'],
  ['a name that JavaScript would misread', 'kind: Run\n__proto__: {}\n', 2, 'is no name for a field'],
  ['a docker run line', 'docker run -p 80:80 nginx', 1, 'this is a docker run line'],
])('%s is refused in plain words, at its line', (_what, text, line, words) => {
  const [error] = refusalsOf(text);
  expect(error?.message).toContain(words);
  expect(error?.line).toBe(line);
});

test('one kind and name twice is refused at the second', () => {
  const one = 'kind: Run\nmetadata: { name: a }\nspec: { image: busybox }\n';
  expect(refusalsOf(`${one}---\n${one}`)).toEqual([
    expect.objectContaining({ path: 'documents.1.metadata.name', message: 'line 6: Run "a" is there already, on line 2' }),
  ]);
});

test('aliases that grow without bound are refused, and so is what is too much or too deep', () => {
  const laughs = Array.from({ length: 9 }, (_, index) => `l${index + 1}: &l${index + 1} [${Array(9).fill(`*l${index}`).join(', ')}]`);
  expect(refusalsOf(`l0: &l0 [lol]\n${laughs.join('\n')}\n`)[0]?.message).toContain('aliases');
  expect(refusalsOf('a: 1\n---\n'.repeat(201))[0]?.message).toContain('201 documents');
  expect(refusalsOf(`a: ${'x'.repeat(2 ** 20)}`)[0]?.message).toContain('larger than 1 MiB');
  expect(refusalsOf(`a: ${'['.repeat(400_000)}`)[0]?.message).toContain('nested deeper');
  expect(refusalsOf(`a: ${'['.repeat(500)}${']'.repeat(500)}`)[0]?.message).toContain('nested deeper');
});

test('an anchor and a merge key are written out, and the place of what is wrong in them is found', () => {
  const [run] = wantedOf('kind: Run\nmetadata: { name: a }\nspec:\n  image: busybox\n  env: &e { A: "1" }\n  args: [x]\n');
  expect(run?.spec).toEqual({ image: 'busybox', env: { A: '1' }, args: ['x'] });
  const merged = '- &base { kind: Run, metadata: { name: a }, spec: { image: busybox } }\n- { <<: *base, metadata: { name: b } }\n';
  expect(wantedOf(merged).map(({ name }) => name)).toEqual(['a', 'b']);
});

test('several files are one request: which is applied is told by its name', () => {
  const manifest = 'kind: Run\nmetadata: { name: a }\nspec: { image: busybox }\n';
  const read = (body: object) => readSource(JSON.stringify(body), 'auto');
  expect(read({ files: { 'run.yaml': manifest } })).toMatchObject({ ok: true, value: [{ name: 'a' }] });
  expect(read({ files: { 'run.yaml': manifest, 'b.yaml': 'x' } })).toMatchObject({ ok: false, errors: [{ path: 'file' }] });
  expect(read({ files: { 'run.yaml': manifest, 'b.yaml': 'x' }, file: 'run.yaml' })).toMatchObject({ ok: true });
  expect(read({ files: { 'run.yaml': 1 } })).toMatchObject({ ok: false, errors: [{ path: 'files.run.yaml' }] });
});
