/** What a route says of itself in the OpenAPI page: its purpose, its answer, its problems. */
import { PROBLEMS, type ProblemCode, problemSchema } from '@berth/shared/errors/problem';
import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';

export interface Documentation {
  /** Unique; the name of the function in generated clients. */
  id: string;
  summary: string;
  status?: 200 | 201 | 204;
  answer?: z.ZodType;
  /** Of an answer that is not JSON. */
  content?: Record<string, { description: string }>;
  /** Another status that is an answer all the same. */
  also?: { status: number; description: string; answer: z.ZodType };
  /** Besides those that every route can have. */
  problems?: ProblemCode[];
}

export function Documented({ id, summary, status = 200, answer, content, also, problems = [] }: Documentation) {
  const other = Object.fromEntries(
    Object.entries(content ?? {}).map(([type, { description }]) => [type, { schema: { type: 'string', description } }]),
  );
  const answers = answer
    ? ApiResponse({ status, description: 'Done', standardSchema: answer })
    : ApiResponse({ status, description: 'Done', ...(content && { content: other }) });
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problems) byStatus.set(PROBLEMS[code].status, [...(byStatus.get(PROBLEMS[code].status) ?? []), code]);
  return applyDecorators(
    ApiOperation({ operationId: id, summary }),
    answers,
    ...(also ? [ApiResponse({ status: also.status, description: also.description, standardSchema: also.answer })] : []),
    ...[...byStatus].map(([code, codes]) =>
      ApiResponse({
        status: code,
        description: codes.map((each) => `${each}: ${PROBLEMS[each].title}`).join('; '),
        standardSchema: problemSchema,
      }),
    ),
    ApiResponse({ status: 'default', description: 'A problem (RFC 9457)', standardSchema: problemSchema }),
  );
}

/** Of a controller whose routes are in a workspace. */
export const InWorkspace = () =>
  applyDecorators(ApiBearerAuth(), ApiParam({ name: 'workspace', description: 'The slug of the workspace', schema: { type: 'string' } }));

/** Of a POST. */
export const Repeatable = () =>
  ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'A repeat with the same key and body returns what the first one made',
    schema: { type: 'string', maxLength: 255 },
  });

/** Of a change. */
export const Conditional = () =>
  ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The resourceVersion that the change is meant for; another one is refused with 412',
    schema: { type: 'string' },
  });
