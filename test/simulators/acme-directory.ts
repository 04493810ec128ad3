import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directoryYaml, listsYaml } from './acme/directory.ts';

/**
 * Writes what Acme knows of itself: `node test/simulators/acme-directory.ts FOLDER TIME` makes `people.yaml` and `lists/` there, as they
 * are at that time (milliseconds since the epoch: people leave relative to it).
 */
const [folder = '.', now = `${Date.now()}`] = process.argv.slice(2);
mkdirSync(join(folder, 'lists'), { recursive: true });
writeFileSync(join(folder, 'people.yaml'), directoryYaml(Number(now)));
for (const [name, content] of Object.entries(listsYaml())) writeFileSync(join(folder, 'lists', `${name}.yml`), content);
