import { expect, it } from 'vitest';
import { type Manifest, pageSizes } from '../../scripts/page-size.ts';

const manifest: Manifest = {
  'index.html': { file: 'index.js', isEntry: true, css: ['index.css'], imports: ['_react.js'], dynamicImports: ['pages/a/a.tsx'] },
  '_react.js': { file: 'react.js' },
  '_frame.js': { file: 'frame.js', name: 'frame', imports: ['_react.js', 'index.html'] },
  '_table.js': { file: 'table.js', css: ['table.css'], imports: ['_react.js', '_table.js'] },
  'pages/a/a.tsx': { file: 'a.js', isDynamicEntry: true, imports: ['_table.js', 'index.html'], dynamicImports: ['pages/a/late.tsx'] },
  'pages/a/late.tsx': { file: 'late.js', isDynamicEntry: true, imports: ['_react.js'] },
};
const bytes: Readonly<Record<string, number>> = {
  'index.js': 100,
  'index.css': 10,
  'react.js': 50,
  'frame.js': 1000,
  'table.js': 7,
  'table.css': 3,
  'a.js': 1,
  'late.js': 2,
};

it('a page is its chunk and all it shares, each file once, with the frame around it', () => {
  expect(pageSizes(manifest, (file) => bytes[file] ?? Number.NaN)).toEqual([
    { page: 'pages/a/a.tsx', bytes: 1171 },
    { page: 'pages/a/late.tsx', bytes: 1162 },
    { page: '(signed out)', bytes: 1160 },
  ]);
});
