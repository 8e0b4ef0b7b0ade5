import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { Locator, Page } from '@playwright/test';
import { chromiumVersion } from '../rounds.ts';
import { droppedWhile, timed } from './interactions.ts';
import { describeMachine, loadAverage } from './machine.ts';

/** No interaction may hold a person up for longer. */
const BUDGET_MS = 200;
/** Beyond what the page leaves out at rest. */
const BUDGET_DROPPED = 0.05;
const REST_MS = 3000;
const WHEEL_TURNS = 90;

interface Told {
  readonly what: string;
  readonly isGood: boolean;
  /** The longest event or task of an interaction, or how long something took as a whole. */
  readonly ms?: number;
  /** From before the input until the test saw what it waited for, its own way to the browser and back included. */
  readonly untilMs?: number;
  /** Share of frames left out while scrolling, and by the page at rest. */
  readonly dropped?: number;
  readonly droppedAtRest?: number;
}

/** What a bench of views found, told as it goes and kept where `--json` says. */
export class ViewReport {
  readonly #found: Told[] = [];
  readonly #options = parseArgs({ options: { json: { type: 'string' }, note: { type: 'string' } } }).values;

  constructor(private readonly page: Page) {}

  tell(told: Told, words: string): void {
    this.#found.push(told);
    console.log(`${told.isGood ? 'ok  ' : 'MISS'} ${told.what.padEnd(52)} ${words}`);
  }

  /** Something a person waits for and sees that they do. */
  wait(what: string, ms: number): void {
    this.tell({ what, ms: Math.round(ms), isGood: true }, `${Math.round(ms)} ms`);
  }

  async interaction(what: string, act: () => Promise<unknown>): Promise<void> {
    const { ms, untilMs } = await timed(this.page, act);
    const longest = ms === 0 ? 'below 16 ms' : `${Math.round(ms)} ms`;
    this.tell({ what, ms, untilMs: Math.round(untilMs), isGood: ms <= BUDGET_MS }, `${longest}, seen after ${Math.round(untilMs)} ms`);
  }

  /** A machine that is busy with other things leaves out frames of a page that does nothing, too. */
  async scroll(what: string, long: Locator): Promise<void> {
    await long.hover();
    const still = await droppedWhile(this.page, () => new Promise((done) => setTimeout(done, REST_MS)));
    const scrolled = await droppedWhile(this.page, async () => {
      for (let i = 0; i < WHEEL_TURNS; i++) await this.page.mouse.wheel(0, 200);
    });
    const share = ({ dropped, frames }: typeof still) => `${(dropped * 100).toFixed(1)} % of ${frames}`;
    this.tell(
      {
        what: `frames left out while scrolling ${what}`,
        dropped: scrolled.dropped,
        droppedAtRest: still.dropped,
        isGood: scrolled.dropped - still.dropped < BUDGET_DROPPED,
      },
      `${share(scrolled)}, of the page at rest ${share(still)}`,
    );
  }

  /** Keeps what was found, and ends the run as a failure where something took too long. */
  async end(): Promise<void> {
    const { json, note } = this.#options;
    if (json !== undefined) {
      const machine = describeMachine(await chromiumVersion());
      await mkdir(dirname(json), { recursive: true });
      await writeFile(json, `${JSON.stringify({ machine, note, loadAverage: loadAverage(), found: this.#found }, null, 1)}\n`);
      console.log(`Written to ${json}`);
    }
    if (this.#found.some(({ isGood }) => !isGood)) process.exitCode = 1;
  }
}
