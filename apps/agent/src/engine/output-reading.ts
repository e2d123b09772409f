/** Output as it comes from the engine, live (an attachment) or from its record, as one kind of reading. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { OutputReading, OutputSink, RecordSink } from './container-engine.ts';
import { FrameDecoder } from './frames.ts';
import { LogRecordDecoder } from './log-record.ts';

/** A terminal has one stream and no frames. */
export function readAttachment(stream: Readable, tty: boolean, sink: OutputSink): OutputReading {
  const frames = tty ? null : new FrameDecoder({ payload: (name, bytes) => sink.data(name, bytes) });
  return read(stream, (chunk) => (frames ? frames.push(chunk) : sink.data('stdout', chunk)), sink);
}

/** Of a terminal the times would stand between the bytes, where nothing tells them apart: it is read without. */
export function readRecord(answer: IncomingMessage, tty: boolean, sink: RecordSink): OutputReading {
  const record = tty ? null : new LogRecordDecoder((name, bytes, time) => sink.data(name, bytes, time));
  return read(answer, (chunk) => (record ? record.push(chunk) : sink.data('stdout', chunk, null)), sink, record);
}

function read(
  stream: Readable,
  push: (chunk: Buffer) => void,
  sink: Pick<OutputSink, 'end'>,
  record: LogRecordDecoder | null = null,
): OutputReading {
  let over = false;
  const end = (failure: Error | null) => {
    if (over) return;
    over = true;
    sink.end(failure, { stdout: record?.endsInDoubt('stdout') ?? false, stderr: record?.endsInDoubt('stderr') ?? false });
  };
  stream.on('data', (chunk: Buffer) => {
    if (over) return;
    try {
      push(chunk);
    } catch (error) {
      stream.destroy();
      end(error instanceof Error ? error : new Error(String(error)));
    }
  });
  stream.once('end', () => end(null));
  stream.once('error', (error) => end(error));
  stream.once('close', () => end(new Error('the connection to the engine closed')));
  return {
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    close: () => {
      over = true;
      stream.destroy();
    },
  };
}
