import { describe, expect, it } from 'vitest';
import { ASK } from '../../test/support/fake-asks.ts';
import { askLetter } from './ask-letter.ts';
import { newSecret, opens, readLink } from './ask-link.ts';

describe('a link', () => {
  it('opens the ask whose secret it bears, and no other', () => {
    const [first, second, other] = [newSecret(), newSecret(), newSecret()];
    const ask = { hashes: [first.hash, second.hash] };
    const opened = [first, second, other].map(({ secret }) => opens(ask, { id: ASK.id, secret }));
    expect(opened).toEqual([true, true, false]);
    expect(opens({ hashes: [] }, { id: ASK.id, secret: first.secret })).toBe(false);
    // The hash, which is what is kept, opens nothing.
    expect(readLink(`${ASK.id}.${first.hash}`)).toBeUndefined();
    expect(first.secret).toHaveLength(43);
  });

  it.each(['', '.', 'x.y', `${ASK.id}.short`, `${ASK.id}.${'A'.repeat(44)}`, `../${ASK.id}.${'A'.repeat(43)}`])('is none: %s', (text) => {
    expect(readLink(text)).toBeUndefined();
  });
});

describe('the mail to a person', () => {
  it('says who asks, what was seen, how to answer, and how to know that it is real', () => {
    const { secret } = newSecret();
    const { subject, parts } = askLetter(ASK, 'https://earshot.example.com', secret);
    expect(subject).toBe('Was this you? (question 0123-4567)');
    expect(parts.flatMap((part) => (part.kind === 'links' ? part.links : []))).toEqual([
      { text: 'It was me', url: `https://earshot.example.com/answer/${ASK.id}.${secret}?said=me` },
      { text: 'It was not me', url: `https://earshot.example.com/answer/${ASK.id}.${secret}?said=not_me` },
    ]);
    const text = JSON.stringify(parts);
    for (const said of [
      'ana of your security team',
      'vault opened (Segura)',
      '192.0.2.7',
      'vault1',
      'lead to earshot.example.com',
      '0123-4567',
    ])
      expect(text).toContain(said);
    expect(text).not.toContain('/alerts/');
  });

  it('names no program as the one who asks', () => {
    const text = JSON.stringify(
      askLetter({ ...ASK, by: 'ci-token', byKind: 'token' }, 'https://earshot.example.com', newSecret().secret).parts,
    );
    expect(text).toContain('Your security team would like to know');
    expect(text).not.toContain('ci-token');
  });
});
