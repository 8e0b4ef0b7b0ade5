import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { UpdatePolicy, UpdatePolicyData } from '../../protocol/updateReports.ts';
import { Attempts } from '../attempts.ts';
import { SillElement } from '../element.ts';
import '../elements/error-note.ts';
import { isDecided, operatorNote } from '../elements/operator-note.ts';
import { fields } from '../styles/fields.ts';
import { shared } from '../styles/shared.ts';
import { UpdatesController } from '../updates-controller.ts';
import { modeHint, modeWords, waitWords, weekdayWords } from './policy-words.ts';

type Mode = UpdatePolicy['mode'];
const MODES: readonly Mode[] = ['off', 'notify', 'idle', 'window'];
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
/** As most calendars begin. */
const WEEK = [1, 2, 3, 4, 5, 6, 0];
const IDLE_MINUTES = 5;
const NIGHT = { from: '02:00', to: '05:00' };

/** What the device does about updates by itself. Each choice holds at once. */
@customElement('sill-update-policy')
export class SillUpdatePolicy extends SillElement {
  static override styles = [
    shared,
    fields,
    css`
      .mode {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0 var(--sill-space-10);
        padding: var(--sill-space-6) 0;
      }
      .mode input {
        margin: var(--sill-space-4) 0 0;
        width: var(--sill-checkbox);
        height: var(--sill-checkbox);
        accent-color: var(--sill-control);
      }
      .mode .hint {
        grid-column: 2;
      }
      .more {
        display: flex;
        flex-wrap: wrap;
        gap: var(--sill-space-12) var(--sill-space-20);
        padding: var(--sill-space-8) 0 var(--sill-space-8) calc(var(--sill-checkbox) + var(--sill-space-10));
      }
      .days {
        display: flex;
        flex-wrap: wrap;
        gap: var(--sill-space-6) var(--sill-space-14);
      }
      .short {
        width: 8rem;
      }
      input[type='time'] {
        width: auto;
      }
    `,
  ];

  readonly #updates = new UpdatesController(this);
  readonly #attempts = new Attempts(this);

  override render() {
    const status = this.#updates.store?.status;
    if (!status) return nothing;
    const { policy, waiting } = status;
    const operator = this.#updates.store?.operator;
    const { failure } = this.#attempts;
    return html`
      <div class="stack">
        ${failure ? html`<sill-error .error=${failure.toData()}></sill-error>` : nothing}
        ${operatorNote(operator, 'updates')}
        <fieldset ?disabled=${isDecided(operator, 'updates')}>
          <legend>${msg('What this device does by itself')}</legend>
          ${MODES.map(
            (mode) => html`
              <div class="mode">
                <input
                  type="radio"
                  name="mode"
                  id=${mode}
                  .checked=${live(policy.mode === mode)}
                  aria-describedby="${mode}-hint"
                  @change=${() => this.#save(withMode(policy, mode))}
                />
                <label for=${mode}>${modeWords(mode)}</label>
                <p class="hint small quiet" id="${mode}-hint">${modeHint(mode)}</p>
              </div>
              ${policy.mode === mode ? this.#more(policy) : nothing}
            `,
          )}
        </fieldset>
        <label class="check">
          <input
            type="checkbox"
            .checked=${live(policy.channel === 'beta')}
            ?disabled=${isDecided(operator, 'updates')}
            @change=${(event: Event) => this.#save({ ...policy, channel: isChecked(event) ? 'beta' : 'stable' })}
          />
          ${msg('Take beta versions too')}
        </label>
        ${waiting ? html`<p class="small quiet" role="status">${waitWords(waiting)}</p>` : html`<p class="small quiet" role="status">${msg('What is offered may be put in place now.')}</p>`}
      </div>
    `;
  }

  #more(policy: UpdatePolicy) {
    if (policy.mode === 'idle') {
      return html`
        <div class="more">
          <div class="field short">
            <label for="minutes">${msg('Minutes without a request')}</label>
            <input
              id="minutes"
              type="number"
              min="0"
              max="1440"
              .value=${String(policy.idleMinutes)}
              @change=${(event: Event) => {
                const minutes = Number(textOf(event));
                if (textOf(event) !== '' && minutes >= 0 && minutes <= 1440)
                  void this.#saveTyped(event, String(policy.idleMinutes), { ...policy, idleMinutes: minutes });
              }}
            />
          </div>
        </div>
      `;
    }
    if (policy.mode !== 'window') return nothing;
    const time = (id: 'from' | 'to', label: string) => html`
      <div class="field">
        <label for=${id}>${label}</label>
        <input
          id=${id}
          type="time"
          .value=${policy[id]}
          @change=${(event: Event) => {
            if (textOf(event)) void this.#saveTyped(event, policy[id], { ...policy, [id]: textOf(event) });
          }}
        />
      </div>
    `;
    return html`
      <div class="more">
        ${time('from', msg('From'))} ${time('to', msg('Until'))}
        <fieldset>
          <legend>${msg('On')}</legend>
          <div class="days">
            ${WEEK.map(
              (day) => html`
                <label class="check">
                  <input
                    type="checkbox"
                    .checked=${live(policy.days.includes(day))}
                    @change=${(event: Event) => {
                      const days = isChecked(event) ? [...policy.days, day] : policy.days.filter((other) => other !== day);
                      // With no day at all it would never be open: that is what "off" is for.
                      if (days.length > 0) void this.#save({ ...policy, days });
                      else this.requestUpdate();
                    }}
                  />
                  ${weekdayWords(day)}
                </label>
              `,
            )}
          </div>
        </fieldset>
        <p class="small quiet">${policy.to <= policy.from ? msg(str`It runs over midnight and belongs to the day on which it begins.`) : nothing}</p>
      </div>
    `;
  }

  #save(policy: UpdatePolicyData): Promise<void> {
    return this.#attempts.make(async () => this.#updates.store?.setPolicy(policy));
  }

  /** What is typed is not drawn over meanwhile, as a choice is: it goes back by itself where it could not be stored. */
  async #saveTyped({ target }: Event, before: string, policy: UpdatePolicyData): Promise<void> {
    await this.#save(policy);
    if (this.#attempts.failure && target instanceof HTMLInputElement) target.value = before;
  }
}

function withMode({ channel }: UpdatePolicy, mode: Mode): UpdatePolicyData {
  if (mode === 'idle') return { mode, channel, idleMinutes: IDLE_MINUTES };
  if (mode === 'window') return { mode, channel, days: EVERY_DAY, ...NIGHT };
  return { mode, channel };
}

const textOf = (event: Event): string => (event.target instanceof HTMLInputElement ? event.target.value : '');
const isChecked = (event: Event): boolean => event.target instanceof HTMLInputElement && event.target.checked;

declare global {
  interface HTMLElementTagNameMap {
    'sill-update-policy': SillUpdatePolicy;
  }
}
