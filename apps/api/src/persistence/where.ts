/** Conditions with their values: `?` becomes the next `$n`, and `??` the operator `?`. Text comes from the code, values from outside. */
export class Where {
  readonly values: unknown[] = [];
  private readonly conditions: string[] = [];

  get text(): string {
    return this.conditions.join(' AND ');
  }

  and(condition: string, ...values: unknown[]): this {
    let next = 0;
    this.conditions.push(condition.replace(/\?\??/g, (sign) => (sign === '??' ? '?' : this.place(values[next++]))));
    return this;
  }

  /** Where the value stands: for what is no condition of all. */
  place(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** Anywhere in the text, whatever its case. */
  contains(column: string, part: string): this {
    return this.and(`${column} ILIKE ?`, `%${part.replace(/[\\%_]/g, '\\$&')}%`);
  }

  /** `key` or `key=value`; all must hold. */
  labels(column: string, wanted: readonly string[]): this {
    for (const label of wanted) {
      const equals = label.indexOf('=');
      if (equals < 0) this.and(`${column} ?? ?`, label);
      else this.and(`${column} @> ?::jsonb`, JSON.stringify({ [label.slice(0, equals)]: label.slice(equals + 1) }));
    }
    return this;
  }
}
