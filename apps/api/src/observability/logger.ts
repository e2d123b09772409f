/** One pino logger for the process: JSON lines on stdout, secrets cut out wherever they appear. */
import type { LoggerService } from '@nestjs/common';
import { type Level, type Logger, pino } from 'pino';

const SECRETS = ['password', 'token', 'joinToken', 'secret', 'authorization', 'cookie', 'req.headers.authorization', 'req.headers.cookie'];

export function createLogger(level: string): Logger {
  return pino({ level, base: { service: 'api' }, redact: { paths: SECRETS.flatMap((path) => [path, `*.${path}`]), censor: '[secret]' } });
}

/** Nest's logger over pino. Nest's own start-up lines (routes, modules) are debug here. */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    this.write(typeof context === 'string' && FRAMEWORK.has(context) ? 'debug' : 'info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest passes the context as the last argument; an object comes first with its sentence after it. */
  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const texts = rest.filter((part): part is string => typeof part === 'string');
    const context = texts.at(-1);
    if (typeof message === 'object' && message !== null) {
      const fields = message instanceof Error ? { err: message } : message;
      const sentence = texts.length > 1 ? texts[0] : undefined;
      this.pino[level]({ context, ...fields }, sentence);
      return;
    }
    const stack = texts.length > 1 ? texts[0] : undefined;
    this.pino[level]({ context, ...(stack !== undefined && { stack }) }, String(message));
  }
}

const FRAMEWORK = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication', 'WebSocketsController']);
