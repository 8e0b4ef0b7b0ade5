import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { expect, type Locator, test } from '@playwright/test';

const FOLDER = resolve(import.meta.dirname, '../outlines');

/** Roles by which people move through a page, and what they act on: their names are kept. */
const NAMED =
  /^(banner|main|navigation|region|search|form|dialog|heading|link|button|textbox|searchbox|combobox|checkbox|radio|radiogroup|spinbutton|slider|switch|table|group|article|columnheader)$/;
/** A figure changes with the device and the day, the name of a version with what built it. */
const FIGURE = /\d[\d.,]* ?(?:[kMGT]?B|bytes|ms|s|sec|min)\b|\d{1,2}:\d\d|\b[\da-f]{12}\b/;

/**
 * Holds the accessibility tree of a part of the page to `outlines/<name>.outline`: landmarks, headings and the names of controls, in their order and
 * nesting. Written anew by `playwright test accessibility --update-snapshots`.
 */
export async function expectOutline(part: Locator, name: string): Promise<void> {
  const path = join(FOLDER, `${name.toLowerCase()}.outline`);
  const { updateSnapshots } = test.info().config;
  if (updateSnapshots === 'all' || updateSnapshots === 'changed' || (updateSnapshots === 'missing' && !existsSync(path))) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, outlineOf(await part.ariaSnapshot()));
  }
  await expect.soft(part, `the outline of ${name}`).toMatchAriaSnapshot(await readFile(path, 'utf8'));
}

interface Node {
  readonly text: string;
  readonly isKept: boolean;
  readonly children: Node[];
}

function outlineOf(snapshot: string): string {
  const root: Node = { text: '', isKept: true, children: [] };
  const open = [{ indent: -1, node: root }];
  for (const line of snapshot.split('\n')) {
    const [, spaces = '', role = '', rest = ''] = /^( *)- '?([a-z]+)\b(.*)$/.exec(line) ?? [];
    // What an element says of itself, as `/url:`, or a line of running text.
    if (role === '' || role === 'text') continue;
    while ((open.at(-1)?.indent ?? -1) >= spaces.length) open.pop();
    const name = /^ "((?:[^"\\]|\\.)*)"/.exec(rest)?.[1]?.replaceAll("''", "'");
    const isNamed = NAMED.test(role) && name !== undefined && !FIGURE.test(name);
    const level = /\[level=\d\]/.exec(rest)?.[0];
    const text = `${role}${isNamed ? ` "${name}"` : ''}${level === undefined ? '' : ` ${level}`}`;
    const node: Node = { text, isKept: isNamed || /^(banner|main|navigation|search)$/.test(role), children: [] };
    open.at(-1)?.node.children.push(node);
    open.push({ indent: spaces.length, node });
  }
  return `${lines(root.children, '').join('\n')}\n`;
}

/** What holds nothing that is kept goes. */
function lines(nodes: readonly Node[], indent: string): string[] {
  return nodes.flatMap(({ text, isKept, children }) => {
    const below = lines(children, `${indent}  `);
    // How many rows a table has is of the day.
    if (text === 'cell' || (!isKept && below.length === 0)) return [];
    // A name with a colon would be a key of YAML's.
    return [`${indent}- '${text.replaceAll("'", "''")}'${below.length > 0 ? ':' : ''}`, ...below];
  });
}
