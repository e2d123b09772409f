import { expect, test } from 'vitest';
import { z } from 'zod';
import { startBerth } from '../support/berth.ts';

const documentSchema = z.object({ openapi: z.string(), components: z.object({ schemas: z.record(z.string(), z.unknown()) }) });

test('docs/openapi.json is what the api says of itself, and every reference in it leads somewhere', async ({ onTestFinished }) => {
  const berth = await startBerth();
  onTestFinished(() => berth.stop());
  const given = await (await fetch(`${berth.url}/openapi.json`)).json();
  // After a change of the contract: npx vitest run --project integration openapi -u
  await expect(`${JSON.stringify(given, null, 2)}\n`).toMatchFileSnapshot('../../docs/openapi.json');

  const document = documentSchema.parse(given);
  expect(document.openapi).toBe('3.1.0');
  const references = [...JSON.stringify(given).matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference = '']) => reference);
  const missing = references.filter(
    (reference) => !Object.hasOwn(document.components.schemas, reference.replace('#/components/schemas/', '')),
  );
  expect(missing).toEqual([]);
  expect((await fetch(`${berth.url}/docs`)).headers.get('content-type')).toContain('text/html');
});
