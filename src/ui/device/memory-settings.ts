import { msg, str } from '@lit/localize';
import { html } from 'lit';
import { live } from 'lit/directives/live.js';
import { DEFAULT_KEEP_ALIVE_MS, parseKeepAlive } from '../../core/keepAlive.ts';
import type { OperatorReport } from '../../protocol/engineReports.ts';
import type { MemorySettings } from '../../protocol/memoryReports.ts';
import { isDecided, operatorNote } from '../elements/operator-note.ts';
import { formatBytes, formatSpan } from '../format.ts';

const GIGABYTE = 1e9;
const BUDGETS = [0.5, 1, 2, 4, 8, 16].map((gigabytes) => gigabytes * GIGABYTE);
const MINUTE_MS = 60_000;
const STAYS = [0, DEFAULT_KEEP_ALIVE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS, Number.POSITIVE_INFINITY];

/** What models may take, and how long they stay. What somebody set to another value is among the choices. */
export function memoryForm(settings: MemorySettings, operator: OperatorReport, onChange: (next: MemorySettings) => void) {
  const { budgetBytes, keepAlive, ...rest } = settings;
  const stayMs = (keepAlive === undefined ? undefined : parseKeepAlive(keepAlive)) ?? DEFAULT_KEEP_ALIVE_MS;
  const change = (budget: number | undefined, stay: number) =>
    onChange({ ...rest, ...(budget === undefined ? {} : { budgetBytes: budget }), keepAlive: keepAliveOf(stay) });
  return html`
    <fieldset class="settings" ?disabled=${isDecided(operator, 'memory')}>
      ${operatorNote(operator, 'memory')}
      <div class="field">
        <label for="budget">${msg('Memory for all models together')}</label>
        <select id="budget" @change=${(event: Event) => change(numberOf(event), stayMs)}>
          ${choice('', msg('As the device allows'), budgetBytes === undefined)}
          ${withOwn(BUDGETS, budgetBytes).map((bytes) => choice(String(bytes), formatBytes(bytes), bytes === budgetBytes))}
        </select>
      </div>
      <div class="field">
        <label for="keep-alive">${msg('An unused model leaves')}</label>
        <select id="keep-alive" @change=${(event: Event) => change(budgetBytes, numberOf(event) ?? DEFAULT_KEEP_ALIVE_MS)}>
          ${withOwn(STAYS, stayMs).map((ms) => choice(String(ms), stayName(ms), ms === stayMs))}
        </select>
      </div>
    </fieldset>
  `;
}

const choice = (value: string, words: string, selected: boolean) =>
  html`<option value=${value} .selected=${live(selected)}>${words}</option>`;

const withOwn = (choices: readonly number[], own: number | undefined): number[] =>
  [...new Set([...choices, ...(own === undefined ? [] : [own])])].sort((a, b) => a - b);

function numberOf(event: Event): number | undefined {
  const { value } = event.target as HTMLSelectElement;
  return value === '' ? undefined : Number(value);
}

const keepAliveOf = (ms: number): string | number => (ms === Number.POSITIVE_INFINITY ? -1 : ms / 1000);

function stayName(ms: number): string {
  if (ms === 0) return msg('at once');
  if (ms === Number.POSITIVE_INFINITY) return msg('when its room is needed');
  return msg(str`after ${formatSpan(ms / 1000)}`);
}
