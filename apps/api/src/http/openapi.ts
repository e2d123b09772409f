/** The OpenAPI 3.1 document, made from the routes and their zod contracts; docs/openapi.json is held to it by a test. */
import { problemSchema } from '@berth/shared/errors/problem';
import { berthEventSchema } from '@berth/shared/events/event';
import { createdJoinTokenSchema, createJoinTokenSchema, hostSchema, joinTokenSchema } from '@berth/shared/model/host';
import { createRegistrySchema, registrySchema } from '@berth/shared/model/registry';
import { attemptSchema, createRunSchema, runSchema, runSpecSchema } from '@berth/shared/model/run';
import { createRunArraySchema, listedRunArraySchema, runArraySchema } from '@berth/shared/model/run-array';
import { createScheduleSchema, scheduleSchema, updateScheduleSchema } from '@berth/shared/model/schedule';
import { secretSchema } from '@berth/shared/model/secret';
import { createServiceSchema, servicePlanSchema, serviceSchema, updateServiceSchema } from '@berth/shared/model/service';
import { sessionSchema } from '@berth/shared/model/session';
import { createdTokenSchema, createTokenSchema, tokenSchema } from '@berth/shared/model/token';
import { createVolumeSchema, volumeSchema } from '@berth/shared/model/volume';
import { enrolRequestSchema, enrolResponseSchema } from '@berth/shared/protocol/agent';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';

/** Contracts that have a name of their own in the document; the others stand where they are used. */
const NAMED: Record<string, z.ZodType> = {
  Run: runSchema,
  RunSpec: runSpecSchema,
  Attempt: attemptSchema,
  Host: hostSchema,
  JoinToken: joinTokenSchema,
  CreatedJoinToken: createdJoinTokenSchema,
  Registry: registrySchema,
  Token: tokenSchema,
  CreatedToken: createdTokenSchema,
  Volume: volumeSchema,
  Session: sessionSchema,
  Schedule: scheduleSchema,
  CreateSchedule: createScheduleSchema,
  UpdateSchedule: updateScheduleSchema,
  Service: serviceSchema,
  ServicePlan: servicePlanSchema,
  CreateService: createServiceSchema,
  UpdateService: updateServiceSchema,
  Secret: secretSchema,
  RunArray: runArraySchema,
  ListedRunArray: listedRunArraySchema,
  CreateRunArray: createRunArraySchema,
  Event: berthEventSchema,
  Problem: problemSchema,
  EnrolResponse: enrolResponseSchema,
  CreateRun: createRunSchema,
  CreateJoinToken: createJoinTokenSchema,
  CreateRegistry: createRegistrySchema,
  CreateToken: createTokenSchema,
  CreateVolume: createVolumeSchema,
  EnrolRequest: enrolRequestSchema,
};

const names = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(NAMED)) names.add(schema, { id });
/** What is written differs from what is read (defaults, other spellings), so only whole bodies have names there. */
const nameless = z.registry<{ id: string }>();

export function createDocument(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Berth')
    .setDescription('A control plane that runs containers on your own hosts. Errors are application/problem+json (RFC 9457).')
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API token of the workspace: "berth_…"' })
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (_controller, method) => method,
    standardSchemaConverter: (schema, { schemaType }) => (schema instanceof z.ZodType ? convert(schema, schemaType) : undefined),
  });
  for (const path of Object.values(document.paths)) for (const operation of Object.values(path)) nameProblemType(operation);
  return {
    ...document,
    paths: sorted(document.paths),
    components: { ...document.components, schemas: sorted(document.components?.schemas ?? {}) },
  };
}

interface Converted {
  schema: object;
  components: Record<string, unknown>;
}

/** A contract stands at many routes, and is large: each is converted once. */
const converted = { input: new WeakMap<z.ZodType, Converted>(), output: new WeakMap<z.ZodType, Converted>() };

function convert(schema: z.ZodType, io: 'input' | 'output'): Converted {
  const known = converted[io].get(schema) ?? convertAnew(schema, io);
  converted[io].set(schema, known);
  // Who asks for it may write into it.
  return structuredClone(known);
}

function convertAnew(schema: z.ZodType, io: 'input' | 'output'): Converted {
  const name = Object.entries(NAMED).find(([, named]) => named === schema)?.[0];
  const { $defs, $schema: _dialect, ...body } = toJson(schema, io);
  const { id: _id, ...plain } = body;
  const components: Record<string, unknown> = { ...$defs };
  if (name === undefined) return { schema: plain, components };
  // One that has its name from `names` is among the definitions already, and only a reference here.
  components[name] ??= plain;
  return { schema: { $ref: `#/components/schemas/${name}` }, components };
}

function toJson(schema: z.ZodType, io: 'input' | 'output'): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    metadata: io === 'output' ? names : nameless,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // What a transform gives back is not known to zod; all of ours give back a spelling of what they took.
      const { def } = zodSchema._zod;
      if (io === 'output' && def.type === 'pipe' && def.out._zod.def.type === 'transform') {
        const { $schema: _dialect, ...input } = z.toJSONSchema(def.in, { io: 'input' });
        Object.assign(jsonSchema, input);
      }
    },
  });
}

const sorted = <T extends object>(map: T): T => Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1))) as T;

/** Problems have a media type of their own. */
function nameProblemType(operation: { responses?: Record<string, { content?: Record<string, { schema?: { $ref?: string } }> }> }): void {
  for (const response of Object.values(operation.responses ?? {})) {
    const json = response.content?.['application/json'];
    if (json?.schema?.$ref === '#/components/schemas/Problem') response.content = { 'application/problem+json': json };
  }
}

/** /openapi.json and the page at /docs. */
export function serveDocument(app: INestApplication, version: string): void {
  // Made when it is first asked for.
  SwaggerModule.setup('docs', app, () => createDocument(app, version), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Berth API',
    swaggerOptions: { persistAuthorization: false, displayRequestDuration: true, tagsSorter: 'alpha' },
  });
}
