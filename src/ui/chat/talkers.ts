import { ContextConsumer } from '@lit/context';
import { msg, str } from '@lit/localize';
import { Task } from '@lit/task';
import type { ReactiveControllerHost } from 'lit';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { sillContext } from '../context.ts';
import { ModelsController } from '../models-controller.ts';

export const TALKING = 'text-generation';

export interface Talker extends Pick<ModelSummary, 'id' | 'name' | 'contextLength' | 'holdsConversations'> {
  /** Of a name under which another computer answers: that computer. */
  readonly elsewhere?: string;
}

/** Where it is not known, it is tried: the answer says so. */
export const mayTalk = ({ holdsConversations }: Pick<Talker, 'holdsConversations'>): boolean => holdsConversations !== false;

/** Who can be asked: models of this device, then the names under which another computer answers. Those that only go on with a text come last. */
export class Talkers {
  readonly #models: ModelsController;
  readonly #upstreams;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#models = new ModelsController(host);
    const sill = new ContextConsumer(host, { context: sillContext, subscribe: true });
    this.#upstreams = new Task(host, { task: async ([asked]) => asked?.upstreams(), args: () => [sill.value] as const });
  }

  get all(): readonly Talker[] {
    const talkers: readonly Talker[] = [
      ...(this.#models.store?.installed(TALKING) ?? []),
      ...(this.#upstreams.value ?? []).flatMap(({ alias, name, requests, isUsed }) =>
        isUsed && requests.includes('chat.completions') ? [{ id: alias, name: msg(str`${alias} (${name})`), elsewhere: name }] : [],
      ),
    ];
    return [...talkers.filter(mayTalk), ...talkers.filter((talker) => !mayTalk(talker))];
  }

  /** The models of this device are known, or cannot be. */
  get areKnown(): boolean {
    const { list, error } = this.#models.store ?? {};
    return (list ?? error) !== undefined;
  }

  /** Who answers in a new conversation: this one, if it is here and can, else the first. */
  first(wanted: string): string {
    const { all } = this;
    const found = all.find(({ id }) => id === wanted);
    return (found && mayTalk(found) ? found : all[0])?.id ?? wanted;
  }

  model(id: string): ModelSummary | undefined {
    return this.#models.store?.byTask(TALKING).find((model) => model.id === id);
  }
}
