import { describe, expect, it } from 'vitest';
import { Passwords, passwordFault } from './passwords.ts';

describe('passwords', () => {
  it('are kept as Argon2id with the cost that OWASP asks for, each with its own salt', async () => {
    const passwords = new Passwords();
    const [one, other] = [await passwords.hash('correct horse battery'), await passwords.hash('correct horse battery')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(other).not.toBe(one);
    expect(await passwords.verify('correct horse battery', one)).toBe(true);
    expect(await passwords.verify('correct horse batterY', one)).toBe(false);
    // The same letters, composed otherwise by another keyboard.
    expect(await passwords.verify('re\u0301sume\u0301 of a horse', await passwords.hash('r\u00e9sum\u00e9 of a horse'))).toBe(true);
  });

  it('of a name that nobody has cost as much, and never match', async () => {
    const passwords = new Passwords();
    const hash = await passwords.hash('correct horse battery');
    const took = async (against: string | undefined): Promise<number> => {
      const started = process.cpuUsage();
      for (let i = 0; i < 5; i++) expect(await passwords.verify('something else', against)).toBe(false);
      return process.cpuUsage(started).user;
    };
    await took(undefined);
    const [somebody, nobody] = [await took(hash), await took(undefined)];
    expect(nobody / somebody).toBeGreaterThan(0.3);
    expect(nobody / somebody).toBeLessThan(3);
  });

  it('are checked few at a time, and a flood is refused', async () => {
    const passwords = new Passwords();
    const hash = await passwords.hash('correct horse battery');
    const all = await Promise.allSettled(Array.from({ length: 100 }, () => passwords.verify('correct horse battery', hash)));
    const refused = all.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(66);
    expect(refused[0]).toMatchObject({ reason: { status: 429, code: 'EAR_ACCESS_THROTTLED', retryAfterSecs: 2 } });
    expect(await passwords.verify('correct horse battery', hash)).toBe(true);
  });

  it.each([
    ['elevenchars', ['ada'], false],
    ['twelve chars', ['ada'], true],
    ['all lower case letters', ['ada'], true],
    ['ÄÖÜ äöü äöü 🐴', ['ada'], true],
    ['the name is AdA, yes', ['ada'], false],
    ['ada.lovelace and more', ['ada.lovelace@example.com'], false],
    ['a short name: ax is in it', ['ax'], true],
    ['my name is lovelace', ['ada', 'Lovelace'], false],
    ['no display name at all', ['bob', ''], true],
  ])('%j for %j: %s', (password, names, good) => {
    expect(passwordFault(password, names) === undefined).toBe(good);
  });
});
