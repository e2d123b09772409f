/**
 * Text → documents, each with the place of every value in it. YAML 1.2 with merge keys ("<<"), as Compose has them; JSON is YAML, too.
 * Nothing is taken that another reader would read otherwise: a key that is there twice, a tab as indentation, an alias that grows.
 */
import { MANIFEST_BYTES, MOST_DOCUMENTS } from '@berth/shared/model/manifest';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
  type YAMLError,
} from 'yaml';
import type { Json, Place, Read } from './model.ts';
import { refusal } from './model.ts';

export interface SourceDocument {
  /** From 1. */
  number: number;
  value: Json;
  /** Of what stands at the path, or of what is around it where there is no such thing. */
  place: (path: readonly string[]) => Place;
}

/** Aliases that are followed in one document: real ones have a handful, those that grow without bound have them by the billion. */
const MOST_ALIASES = 100;
/** What nests deeper is no manifest, and would exhaust those who walk it. */
const MOST_DEPTH = 64;
/** A parser has to go through all of it while nobody else is served: this is a fraction of a second. */
const MOST_PARTS = 80_000;

/** Empty documents are left out. Never throws. */
export function readDocuments(text: string): Read<SourceDocument[]> {
  try {
    return readAll(text);
  } catch (error) {
    // What nests by the thousand exhausts the parser itself.
    if (!(error instanceof RangeError)) throw error;
    return { ok: false, errors: [refusal('documents', TOO_DEEP, { document: 1, line: 1, column: 1 })] };
  }
}

const TOO_DEEP = `it is nested deeper than ${MOST_DEPTH} levels`;

function readAll(text: string): Read<SourceDocument[]> {
  const whole: Place = { document: 1, line: 1, column: 1 };
  if (new TextEncoder().encode(text).length > MANIFEST_BYTES)
    return { ok: false, errors: [refusal('documents', `the text is larger than ${MANIFEST_BYTES / 2 ** 20} MiB`, whole)] };
  const excess = tooMuch(text);
  if (excess !== null) return { ok: false, errors: [refusal('documents', excess, whole)] };
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, merge: true, uniqueKeys: false, version: '1.2' });
  const documents = Array.isArray(parsed) ? parsed : [];
  const errors = documents.flatMap((document, index) =>
    [...document.errors, ...faultsOf(document)].map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return refusal(`documents.${index}`, plainWords(error), { document: index + 1, line, column: col });
    }),
  );
  if (errors.length > 0) return { ok: false, errors };
  const read: SourceDocument[] = [];
  for (const [index, document] of documents.entries()) {
    const place = placesOf(document, lines, index + 1);
    const outcome = plainOf(document);
    if (!outcome.ok) errors.push(refusal(`documents.${index}`, outcome.message, place([])));
    else if (outcome.value !== null) read.push({ number: index + 1, value: outcome.value, place });
  }
  if (errors.length > 0) return { ok: false, errors };
  const listed = read.flatMap(asList);
  if (listed.length > MOST_DOCUMENTS)
    return { ok: false, errors: [refusal('documents', `there are ${listed.length} documents: at most ${MOST_DOCUMENTS} at once`, whole)] };
  if (listed.length === 0) return { ok: false, errors: [refusal('documents', 'there is no document in it', whole)] };
  return { ok: true, value: listed, warnings: [] };
}

/** Before the parser, which takes seconds for what no manifest is. Signs in texts count, too: nobody has so many. */
function tooMuch(text: string): string | null {
  let open = 0;
  let parts = 0;
  for (const [sign] of text.matchAll(/[[{}\],\n"'&*!]|[-?:]\s/g)) {
    parts++;
    if (sign === '[' || sign === '{') open++;
    else if (sign === ']' || sign === '}') open = Math.max(0, open - 1);
    if (open > 20 * MOST_DEPTH) return TOO_DEEP;
  }
  if (/(?:[-?:]\s+){200}/.test(text)) return TOO_DEEP;
  if (parts > MOST_PARTS) return `it has more than ${MOST_PARTS} lines, fields and quotes: apply it in parts`;
  const documents = text.match(/^---/gm)?.length ?? 0;
  return documents > MOST_DOCUMENTS + 1 ? `there are ${documents} documents: at most ${MOST_DOCUMENTS} at once` : null;
}

function plainOf(document: Document.Parsed): { ok: true; value: Json } | { ok: false; message: string } {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: MOST_ALIASES }) };
  } catch (error) {
    if (error instanceof ReferenceError && error.message.startsWith('Unresolved'))
      return { ok: false, message: 'it has an alias ("*name") that has no anchor ("&name") before it' };
    if (error instanceof ReferenceError)
      return { ok: false, message: `its aliases ("*name") grow beyond what is read: write out what they stand for` };
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** The documents of a JSON array, each with its own places. */
function asList(document: SourceDocument): SourceDocument[] {
  if (!Array.isArray(document.value)) return [document];
  return document.value.map((value, index) => ({ ...document, value, place: (path) => document.place([String(index), ...path]) }));
}

interface Fault {
  code: string;
  message: string;
  pos: [number, number] | readonly number[];
}

/** What the parser lets pass: found before anything walks it by recursion. */
function faultsOf(document: Document.Parsed): { code: string; message: string; pos: [number, number] }[] {
  const faults: { code: string; message: string; pos: [number, number] }[] = [];
  visit(document, {
    Node(_key, node, path) {
      const at = node.range?.[0] ?? 0;
      if (path.length > 2 * MOST_DEPTH) {
        faults.push({ code: 'TOO_DEEP', message: TOO_DEEP, pos: [at, at] });
        return visit.BREAK;
      }
    },
    // The parser's own check compares every key with every other one.
    Map(_key, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        const name = isScalar(key) ? String(key.value) : '';
        const at = isNode(key) ? (key.range?.[0] ?? 0) : 0;
        if (name === '__proto__') faults.push({ code: 'KEY', message: '"__proto__" is no name for a field', pos: [at, at] });
        else if (isScalar(key) && name !== '<<' && seen.has(name)) faults.push({ code: 'DUPLICATE_KEY', message: '', pos: [at, at] });
        else if (!isScalar(key)) faults.push({ code: 'KEY', message: 'a key is a text', pos: [at, at] });
        seen.add(name);
      }
    },
  });
  return faults;
}

/** The parser's codes in the words of somebody who writes a manifest; what is rare keeps the parser's own. */
function plainWords({ code, message }: Fault | YAMLError): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab is used to indent: YAML takes spaces only';
    case 'BAD_INDENT':
      return 'the indentation does not fit the lines before it: what belongs together begins in the same column';
    case 'DUPLICATE_KEY':
      return 'this key is there twice in one mapping: the second would hide the first';
    case 'MULTILINE_IMPLICIT_KEY':
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'this is not "key: value": a ":" is missing, or the line before is not at its end';
    case 'MISSING_CHAR':
      return `something is missing here: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
    case 'BAD_ALIAS':
      return `this alias has no anchor before it: ${message}`;
    default:
      return message.length > 200 ? `${message.slice(0, 200)}…` : message;
  }
}

function placesOf(document: Document.Parsed, lines: LineCounter, number: number): SourceDocument['place'] {
  return (path) => {
    let node: Node | null = document.contents;
    let offset = node?.range?.[0] ?? document.range[0];
    for (let from = 0; from < path.length; ) {
      const next = furthest(document, node, path.slice(from));
      if (!next) break;
      offset = next.at ?? offset;
      node = next.node;
      from += next.steps;
    }
    const { line, col } = lines.linePos(offset);
    return { document: number, line: Math.max(1, line), column: Math.max(1, col) };
  };
}

/** A key may have dots in it ("app.example.com/team"), which stand between the steps of a path, too. */
function furthest(document: Document.Parsed, node: Node | null, path: readonly string[]): (Found & { steps: number }) | null {
  for (let steps = 1; steps <= path.length; steps++) {
    const found = stepInto(document, node, path.slice(0, steps).join('.'));
    if (found) return { ...found, steps };
  }
  return null;
}

interface Found {
  node: Node | null;
  at: number | undefined;
}

/** A field is where its key is, an entry where it begins. */
function stepInto(document: Document.Parsed, node: Node | null, step: string): Found | null {
  const here = isAlias(node) ? node.resolve(document) : node;
  if (isMap(here)) {
    const pair = here.items.find(({ key }) => isScalar(key) && String(key.value) === step);
    if (!pair) return null;
    return { node: isNode(pair.value) ? pair.value : null, at: isNode(pair.key) ? pair.key.range?.[0] : undefined };
  }
  if (isSeq(here)) {
    const item = here.items[Number(step)];
    return isNode(item) ? { node: item, at: item.range?.[0] } : null;
  }
  return null;
}
