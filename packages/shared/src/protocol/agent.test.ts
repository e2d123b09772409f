/** Released samples of the protocol: they must parse for ever (law L10). Never edit one; add the next version beside it. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { agentToApiSchema, apiToAgentSchema } from './agent.ts';

const folder = new URL('../../fixtures/protocol-v1/', import.meta.url);

/** Bytes stand in the samples as `{ "$base64": … }`. */
function readSample(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8'), (_key, value) =>
    typeof value === 'object' && value !== null && '$base64' in value ? new Uint8Array(Buffer.from(value.$base64, 'base64')) : value,
  );
}

describe('samples of protocol version 1', () => {
  const files = readdirSync(folder);

  it.each(files.filter((file) => file.startsWith('api-')))('the agent reads %s', (file) => {
    const sample = readSample(file);
    expect(apiToAgentSchema.parse(sample)).toEqual(sample);
  });

  it.each(files.filter((file) => file.startsWith('agent-')))('the api reads %s', (file) => {
    const sample = readSample(file);
    expect(agentToApiSchema.parse(sample)).toEqual(sample);
  });

  it('has a sample of every message', () => {
    const types = (schema: z.ZodType) => {
      const json = JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any' }));
      return new Set([...json.matchAll(/"type":\{"type":"string","const":"([a-z]+)"\}/g)].map((match) => match[1]));
    };
    const sampled = (prefix: string) => new Set(files.filter((file) => file.startsWith(prefix)).map((file) => file.split(/[-.]/)[1]));
    expect(sampled('api-')).toEqual(types(apiToAgentSchema));
    expect(sampled('agent-')).toEqual(types(agentToApiSchema));
  });
});
