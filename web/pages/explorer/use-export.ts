import { useRef, useState } from 'react';
import { type EXPORT_FORMATS, exportEndpoint } from '../../../src/api/contract/export.ts';
import { addressOf } from '../../data/client.ts';
import type { ExplorerState } from './address.ts';
import { fieldsOf } from './columns.ts';
import { spanOf } from './use-events.ts';

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportState {
  readonly rows: number;
  /** 0: not known yet. */
  readonly total: number;
  readonly fault?: string;
  readonly isDone: boolean;
}

/** Pieces of a file are handed to the browser in stretches of this size, so that a large one need not lie in memory. */
const STRETCH_BYTES = 8_000_000;
const LINE_FEED = 10;

/** Fetches all events of a query as a file, with how far it is; what broke off is not saved. */
export function useExport() {
  const [state, setState] = useState<ExportState>();
  const under = useRef<AbortController>(undefined);

  const start = async (asked: Pick<ExplorerState, 'q' | 'from' | 'to' | 'columns'>, format: ExportFormat) => {
    const control = new AbortController();
    under.current = control;
    setState({ rows: 0, total: 0, isDone: false });
    try {
      const columns = format === 'csv' ? { columns: ['@timestamp', ...fieldsOf(asked.columns)].join(',') } : {};
      const address = addressOf(exportEndpoint, { query: { ...spanOf(asked), format, ...columns } });
      const response = await fetch(address, { credentials: 'same-origin', signal: control.signal });
      if (!response.ok || response.body === null) throw new Error(await reasonOf(response));
      const total = Number(response.headers.get('x-earshot-total') ?? 0);
      const file = await collected(response.body, (rows) => setState({ rows, total, isDone: false }));
      save(new Blob(file.parts, { type: response.headers.get('content-type') ?? '' }), `earshot-${fileTime()}.${format}`);
      setState({ rows: file.rows, total, isDone: true });
    } catch (error) {
      if (control.signal.aborted) setState(undefined);
      else setState({ rows: 0, total: 0, isDone: true, fault: faultOf(error) });
    }
  };
  return { state, start, cancel: () => under.current?.abort(), dismiss: () => setState(undefined) };
}

async function collected(body: ReadableStream<Uint8Array<ArrayBuffer>>, onRows: (rows: number) => void) {
  const parts: Blob[] = [];
  let stretch: Uint8Array<ArrayBuffer>[] = [];
  let [bytes, rows, told] = [0, 0, 0];
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (value !== undefined) {
      stretch.push(value);
      bytes += value.length;
      for (const byte of value) if (byte === LINE_FEED) rows += 1;
    }
    if (done || bytes >= STRETCH_BYTES) {
      parts.push(new Blob(stretch));
      [stretch, bytes] = [[], 0];
    }
    if (done) return { parts, rows };
    if (performance.now() - told > 200) {
      told = performance.now();
      onRows(rows);
    }
  }
}

const reasonOf = async (response: Response): Promise<string> => {
  const problem = (await response.json().catch(() => ({}))) as { detail?: string };
  return problem.detail ?? `The hub answered ${response.status}.`;
};

const faultOf = (error: unknown): string =>
  error instanceof TypeError
    ? 'The transfer broke off: nothing was saved. Export a shorter time, or try again.'
    : String((error as Error).message);

const fileTime = (): string => new Date().toISOString().slice(0, 19).replaceAll(/[:T]/g, '-');

function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
