import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const GUIDE = readFileSync('docs/security.md', 'utf8');

interface Threat {
  readonly threat: string;
  readonly shown: ReadonlyArray<{ readonly file: string; readonly title: string }>;
}

/** The rows of the table, with the tests that each names. */
const THREATS: readonly Threat[] = GUIDE.split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| threat '))
  .map((line) => {
    const [, threat = '', , shown = ''] = line.split(/(?<!\\)\|/);
    const tests = [...shown.matchAll(/`([^`]+)` \*([^*]+)\*/g)];
    return { threat: threat.trim(), shown: tests.map(([, file = '', title = '']) => ({ file, title })) };
  });

/** What tests and their steps are called in a file. */
const titlesOf = (file: string): string[] =>
  existsSync(file)
    ? [...readFileSync(file, 'utf8').matchAll(/\b(?:test|it|test\.step)\(\s*(['"`])(.*?)\1,/g)].map(([, , title = '']) => title)
    : [];

describe('the threats of docs/security.md', () => {
  it('are there', () => {
    expect(THREATS.length).toBeGreaterThan(15);
  });

  it.each(THREATS)('have a test: $threat', ({ shown }) => {
    expect(shown.length).toBeGreaterThan(0);
    for (const { file, title } of shown) expect(titlesOf(file), file).toContain(title);
  });

  it('have a test each of their own', () => {
    const first = THREATS.map(({ shown: [test] }) => `${test?.file} ${test?.title}`);
    expect(new Set(first).size).toBe(first.length);
  });
});
