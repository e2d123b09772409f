/** Parses what comes in with the zod contract of the parameter; what does not fit is named, with the mend. */
import { BerthError } from '@berth/shared/errors/problem';
import { type ArgumentMetadata, Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import { z } from 'zod';
import { issuesToErrors } from '../planning/contracts/validation-errors.ts';

@Injectable()
export class ContractPipe extends StandardSchemaValidationPipe {
  override async transform<T = unknown>(value: T, metadata: ArgumentMetadata): Promise<T> {
    const { schema } = metadata;
    if (!(schema instanceof z.ZodType)) return super.transform(value, metadata);
    this.stripProtoKeys(value);
    // A POST without a body asks for the defaults; a contract that needs fields names them.
    const parsed = schema.safeParse(metadata.type === 'body' ? (value ?? {}) : value);
    if (parsed.success) return parsed.data as T;
    const errors = issuesToErrors(parsed.error.issues, schema, metadata.type === 'param' && metadata.data ? metadata.data : '');
    const first = errors[0];
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    throw new BerthError('invalid-request', first ? `${first.path || 'the body'}: ${first.message}${more}` : 'The request is not valid.', {
      errors,
    });
  }
}
