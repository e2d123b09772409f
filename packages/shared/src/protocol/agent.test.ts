/** Released samples of the protocol: they must parse for ever (law L10). Never edit a released one; add the next version beside it. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { agentToApiSchema, apiToAgentSchema } from './agent.ts';
import { PROTOCOL_VERSION } from './version.ts';

const folderOf = (version: number) => new URL(`../../fixtures/protocol-v${version}/`, import.meta.url);
const samplesOf = (version: number, prefix: string) => readdirSync(folderOf(version)).filter((file) => file.startsWith(prefix));

/** Bytes stand in the samples as `{ "$base64": … }`. */
function readSample(version: number, file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, folderOf(version)), 'utf8'), (_key, value) =>
    typeof value === 'object' && value !== null && '$base64' in value ? new Uint8Array(Buffer.from(value.$base64, 'base64')) : value,
  );
}

const versions = Array.from({ length: PROTOCOL_VERSION }, (_, index) => 1 + index);

describe.each(versions)('samples of protocol version %i', (version) => {
  it.each(samplesOf(version, 'api-'))('the agent reads %s', (file) => {
    const sample = readSample(version, file);
    expect(apiToAgentSchema.parse(sample)).toMatchObject(sample as object);
  });

  it.each(samplesOf(version, 'agent-'))('the api reads %s', (file) => {
    const sample = readSample(version, file);
    expect(agentToApiSchema.parse(sample)).toMatchObject(sample as object);
  });
});

it('has a sample of every message of the present version', () => {
  const types = (schema: z.ZodType) => {
    const json = JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }));
    return new Set([...json.matchAll(/"type":\{"type":"string","const":"([a-z]+)"\}/g)].map((match) => match[1]));
  };
  const sampled = (prefix: string) => new Set(samplesOf(PROTOCOL_VERSION, prefix).map((file) => file.split(/[-.]/)[1]));
  expect(sampled('api-')).toEqual(types(apiToAgentSchema));
  expect(sampled('agent-')).toEqual(types(agentToApiSchema));
});
