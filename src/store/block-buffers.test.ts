import { describe, expect, it } from 'vitest';
import { BlockBuffers } from './block-buffers.ts';

const MIB = 1024 * 1024;

describe('buffers of blocks', () => {
  it('are used again, whole, once their block is done with', () => {
    const buffers = new BlockBuffers();
    const large = Buffer.allocUnsafeSlow(8 * MIB);
    buffers.give(large.subarray(0, 5 * MIB));
    const again = buffers.take();
    expect(again.buffer).toBe(large.buffer);
    expect(again.length).toBe(8 * MIB);
    expect(buffers.take().buffer).not.toBe(large.buffer);
  });

  it('are as large as blocks were, where none is free', () => {
    const buffers = new BlockBuffers();
    buffers.give(Buffer.allocUnsafeSlow(5 * MIB));
    buffers.take();
    expect(buffers.take().length).toBe(5 * MIB);
  });

  it('of a burst are let go when blocks are small again', () => {
    const buffers = new BlockBuffers();
    buffers.give(Buffer.allocUnsafeSlow(32 * MIB));
    for (let i = 0; i < 60; i++) buffers.give(buffers.take().subarray(0, 1_000));
    expect(buffers.take().length).toBeLessThan(MIB);
  });
});
