import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { EarshotError } from './errors.ts';
import { type Methods, Rpc } from './rpc.ts';

interface Theirs extends Methods {
  double(n: number): Promise<number>;
  never(argument: undefined): Promise<void>;
  fail(error: 'plain' | 'coded' | 'text'): Promise<void>;
  note(text: string): void;
  missing(argument: undefined): void;
  uncloneable(argument: undefined): unknown;
}

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

function pair() {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const notes: string[] = [];
  new Rpc(port2, {
    double: async (n: number) => n * 2,
    never: () => new Promise(() => undefined),
    fail: async (error: 'plain' | 'coded' | 'text') => {
      if (error === 'text') throw 'just words';
      throw error === 'coded' ? new EarshotError('EAR_RAW_LOG_FULL', 'no room') : new TypeError('a fault');
    },
    note: (text: string) => void notes.push(text),
    uncloneable: () => () => undefined,
  });
  return { rpc: new Rpc<Theirs>(port1, {}), notes, port1 };
}

describe('Rpc', () => {
  it('answers each call with its own answer', async () => {
    const { rpc } = pair();
    expect(await Promise.all([1, 2, 3].map((n) => rpc.call('double', n)))).toEqual([2, 4, 6]);
  });

  it('carries faults: the code of an EarshotError, and the words of any other', async () => {
    const { rpc } = pair();
    await expect(rpc.call('fail', 'coded')).rejects.toMatchObject({ name: 'EarshotError', code: 'EAR_RAW_LOG_FULL', message: 'no room' });
    await expect(rpc.call('fail', 'plain')).rejects.toThrow('a fault');
    await expect(rpc.call('fail', 'text')).rejects.toThrow('just words');
  });

  it('faults where there is no such method, and where the answer cannot be sent', async () => {
    const { rpc } = pair();
    await expect(rpc.call('missing', undefined)).rejects.toThrow('there is no method missing');
    await expect(rpc.call('uncloneable', undefined)).rejects.toThrow(/could not be cloned/);
    await expect(rpc.call('double', (() => 1) as unknown as number)).rejects.toThrow(/could not be cloned/);
    expect(await rpc.call('double', 4)).toBe(8);
  });

  it('tells without an answer, in order with calls', async () => {
    const { rpc, notes } = pair();
    rpc.tell('note', 'a');
    rpc.tell('note', 'b');
    await rpc.call('double', 1);
    expect(notes).toEqual(['a', 'b']);
  });

  it('fails what is under way, and what comes later, once it is closed', async () => {
    const { rpc, port1 } = pair();
    const waiting = rpc.call('never', undefined);
    rpc.close(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(rpc.call('double', 1)).rejects.toThrow('gone');
    rpc.tell('note', 'nobody hears it');
    port1.close();
    await once(port1, 'close');
  });
});
