import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import { html, nothing, type ReactiveControllerHost } from 'lit';
import { toSillError } from '../../core/errors.ts';
import { formatNumber, plural } from '../format.ts';

/** Conversations on their way into a file or out of one, and what came of it. The host draws `<sill-error>`. */
export class Carrying {
  readonly #task: Task<readonly [() => Promise<number | undefined>], number | undefined>;

  constructor(host: ReactiveControllerHost) {
    this.#task = new Task(host, { autoRun: false, task: async ([work]: readonly [() => Promise<number | undefined>]) => work() });
  }

  /** @param work resolves to how many were brought in, of an import */
  run(work: () => Promise<number | undefined>): void {
    void this.#task.run([work]);
  }

  render() {
    return this.#task.render({
      complete: (count) =>
        count === undefined
          ? nothing
          : html`<p class="small carried" role="status">${plural(count, msg('Imported: 1 conversation.'), msg(str`Imported: ${formatNumber(count)} conversations.`))}</p>`,
      error: (error) => html`<sill-error class="carried" .error=${toSillError(error)}></sill-error>`,
    });
  }
}
