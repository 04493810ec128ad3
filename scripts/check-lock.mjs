// Every package of the lock file must have its integrity hash. Runs on any Node: it is asked before anything else is.
import { readFileSync } from 'node:fs';

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
const without = Object.entries(packages).filter(([path, { integrity, link }]) => path !== '' && !link && !integrity);
for (const [path] of without) console.error(`package-lock.json: ${path} has no integrity hash`);
process.exitCode = without.length > 0 ? 1 : 0;
