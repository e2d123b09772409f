/** The tables of docs/nomenclature.md, from the code that is true (law L4: one table drives the page in the docs too). */
import { PHASES, type Phase, TERMINAL_PHASES, TRANSITIONS } from '../../packages/shared/src/model/phase.ts';
import { REASONS } from '../../packages/shared/src/model/reason.ts';

const PHASE_MEANINGS: Record<Phase, string> = {
  queued: 'accepted; no host has been chosen yet',
  assigned: 'placed on a host; its agent has not begun yet',
  pulling: 'the image is being pulled',
  creating: 'the engine creates the container',
  restarting: 'its container has ended and is started again, after a pause; with that another life of it begins',
  starting: 'the engine starts the container',
  running: 'the container runs',
  stopping: 'a stop or kill is under way',
  exited: 'the container ended; its exit code says how',
  failed: 'it could not be run, or Berth ended it (time limit)',
  cancelled: 'it was ended by request before it ran',
  lost: 'its host was given up; what became of the container is not known',
};

const code = (text: string) => `\`${text}\``;

function table(headings: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

function phaseTable(): string {
  const rows = PHASES.map((phase) => {
    const next = TRANSITIONS[phase];
    const becomes = (TERMINAL_PHASES as readonly Phase[]).includes(phase) ? 'an end' : next.map(code).join(', ');
    return [code(phase), PHASE_MEANINGS[phase], becomes];
  });
  return table(['phase', 'meaning', 'may become'], rows);
}

function reasonTable(): string {
  return table(
    ['reason', 'meaning'],
    Object.entries(REASONS).map(([reason, meaning]) => [code(reason), meaning]),
  );
}

const TABLES: Record<string, () => string> = { phases: phaseTable, reasons: reasonTable };

/** The page with each part between `<!-- generated: NAME -->` and `<!-- end -->` written anew. Throws where a part is not there. */
export function withTables(page: string): string {
  let written = page;
  for (const [name, render] of Object.entries(TABLES)) {
    const part = new RegExp(`(<!-- generated: ${name} -->\\n)[\\s\\S]*?(\\n<!-- end -->)`);
    if (!part.test(written)) throw new Error(`the page has no part "${name}"`);
    written = written.replace(part, (_, start: string, end: string) => `${start}\n${render()}\n${end}`);
  }
  return written;
}
