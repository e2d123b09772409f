/** The agent's own log: a line of JSON for each event, to standard output. */
import { pino } from 'pino';
import type { Config } from './config/env.ts';

export interface AgentLog {
  debug(message: string, detail?: object): void;
  info(message: string, detail?: object): void;
  warn(message: string, detail?: object): void;
  error(message: string, detail?: object): void;
}

export function openLog(level: Config['logLevel']): AgentLog {
  const logger = pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
  const at =
    (name: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, detail: object = {}) =>
      logger[name](detail, message);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
