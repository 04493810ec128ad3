import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Which part of the way a folder under `src/` is of. What is in none of them belongs to the nearest caller that is. */
const STAGES: readonly (readonly [stage: string, folder: RegExp])[] = [
  ['listen', /\/src\/(sources|ingest-)/],
  ['raw log', /\/src\/raw-log\//],
  ['decode', /\/src\/(decode|formats)\//],
  ['normalize', /\/src\/(normalize|integrations)\//],
  ['detect', /\/src\/detect\//],
  ['encode and insert', /\/src\/store\//],
  ['join', /\/src\/(pipeline|judge-thread|lib|model|stages|telemetry)/],
];
const OF_THE_RUNTIME: ReadonlyMap<string, string> = new Map([
  ['(garbage collector)', 'garbage collection'],
  ['(idle)', ''],
  ['(program)', 'runtime'],
]);

/** CPU seconds by stage, from the profiles that `node --cpu-prof` left in a folder: one for each thread. */
export function secondsByStage(folder: string): ReadonlyMap<string, number> {
  const seconds = new Map<string, number>();
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'))) {
    const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile;
    const stages = stageByNode(profile);
    profile.samples.forEach((id, i) => {
      const stage = stages.get(id) ?? 'runtime';
      if (stage !== '') seconds.set(stage, (seconds.get(stage) ?? 0) + (profile.timeDeltas[i] ?? 0) / 1e6);
    });
  }
  return seconds;
}

function stageByNode({ nodes }: Profile): ReadonlyMap<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const stages = new Map<number, string>();
  const [root] = nodes;
  const open = root === undefined ? [] : [{ node: root, inherited: 'runtime' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, inherited } = next;
    const { functionName, url } = node.callFrame;
    const stage = OF_THE_RUNTIME.get(functionName) ?? STAGES.find(([, place]) => place.test(url))?.[0] ?? inherited;
    stages.set(node.id, stage);
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child !== undefined) open.push({ node: child, inherited: stage });
    }
  }
  return stages;
}
