import '../elements/error-note.ts';
import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { LOG_DAYS, LOG_LEVELS, type LogLevel, type LogSettings, MAX_LOG_LINES } from '../../core/log.ts';
import { Attempts } from '../attempts.ts';
import { SillElement } from '../element.ts';
import { formatNumber, plural } from '../format.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';

/** How much of what happens is written down, and for how long. */
@customElement('sill-log-settings')
export class SillLogSettings extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .card {
        display: grid;
        gap: var(--sill-space-16);
      }
      .fields {
        display: flex;
        flex-wrap: wrap;
        gap: var(--sill-space-16) var(--sill-space-24);
      }
      .field {
        flex: 1 1 12rem;
      }
    `,
  ];

  @state() private settings: LogSettings | undefined;
  @state() private cleared = false;
  /** Changes that the engine has not answered: what it holds of before them is not shown again. */
  #changing = 0;

  readonly #attempts = new Attempts(this, (sill) => {
    void this.#read();
    return sill.watch(({ type }) => {
      if (type === 'log') void this.#read();
    });
  });
  readonly #read = oneAtATime(() =>
    this.#attempts.read(async ({ log }) => {
      const settings = await log.settings();
      if (this.#changing === 0) this.settings = settings;
    }),
  );

  override render() {
    const { settings } = this;
    const { failure } = this.#attempts;
    return html`
      <div class="card">
        ${failure ? html`<sill-error .error=${failure.toData()}></sill-error>` : nothing}
        ${settings ? this.#form(settings) : nothing}
        <p class="small quiet">
          ${msg(str`At most ${formatNumber(MAX_LOG_LINES)} lines are kept; the oldest go first. The list of requests has a bound of its own.`)}
        </p>
        <div class="row">
          <wa-button size="s" appearance="outlined" @click=${this.#clear}><wa-icon slot="start" name="eraser"></wa-icon>${msg('Clear the log')}</wa-button>
          ${this.cleared ? html`<span class="small" role="status">${msg('The log is empty.')}</span>` : nothing}
        </div>
      </div>
    `;
  }

  #form({ level, days }: LogSettings) {
    return html`
      <div class="fields">
        <div class="field">
          <label for="level">${msg('What is written down')}</label>
          <select id="level" @change=${(event: Event) => this.#change({ level: LOG_LEVELS[(event.target as HTMLSelectElement).selectedIndex] })}>
            ${LOG_LEVELS.map((each) => html`<option .selected=${live(each === level)}>${depthWords(each)}</option>`)}
          </select>
        </div>
        <div class="field">
          <label for="days">${msg('Kept for')}</label>
          <select id="days" @change=${(event: Event) => this.#change({ days: LOG_DAYS[(event.target as HTMLSelectElement).selectedIndex] })}>
            ${LOG_DAYS.map((each) => html`<option .selected=${live(each === days)}>${plural(each, msg('1 day'), msg(str`${each} days`))}</option>`)}
          </select>
        </div>
      </div>
    `;
  }

  async #change({ level, days }: { readonly [Name in keyof LogSettings]?: LogSettings[Name] | undefined }): Promise<void> {
    if (!this.settings) return;
    // Known at once: the next change may come before the engine has answered.
    const settings = { level: level ?? this.settings.level, days: days ?? this.settings.days };
    this.settings = settings;
    this.#changing++;
    await this.#attempts.make(async ({ log }) => void (await log.setSettings(settings)));
    this.#changing--;
    // What holds, whether the choice could be stored or not.
    await this.#read();
  }

  readonly #clear = (): Promise<void> =>
    this.#attempts.make(async ({ log }) => {
      await log.clear();
      this.cleared = true;
    });
}

const depthWords = (level: LogLevel): string =>
  ({
    debug: msg('Everything'),
    info: msg('Without details'),
    warning: msg('Warnings and errors'),
    error: msg('Errors only'),
  })[level];

declare global {
  interface HTMLElementTagNameMap {
    'sill-log-settings': SillLogSettings;
  }
}
