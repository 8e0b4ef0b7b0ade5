import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Files that are dropped anywhere on its host. */
export class Dropping implements ReactiveController {
  /** Some are held over it. */
  isOver = false;
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #mayDrop: () => boolean;
  readonly #onFiles: (files: readonly File[]) => void;

  constructor(host: ReactiveControllerHost & HTMLElement, mayDrop: () => boolean, onFiles: (files: readonly File[]) => void) {
    this.#host = host;
    this.#mayDrop = mayDrop;
    this.#onFiles = onFiles;
    host.addController(this);
  }

  hostConnected(): void {
    this.#host.addEventListener('dragover', this.#over);
    this.#host.addEventListener('dragleave', this.#left);
    this.#host.addEventListener('drop', this.#drop);
  }

  hostDisconnected(): void {
    this.#host.removeEventListener('dragover', this.#over);
    this.#host.removeEventListener('dragleave', this.#left);
    this.#host.removeEventListener('drop', this.#drop);
  }

  #show(isOver: boolean): void {
    if (isOver === this.isOver) return;
    this.isOver = isOver;
    this.#host.requestUpdate();
  }

  readonly #over = (event: DragEvent): void => {
    if (!this.#mayDrop() || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.#show(true);
  };

  readonly #left = (): void => this.#show(false);

  readonly #drop = (event: DragEvent): void => {
    this.#show(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!this.#mayDrop() || files.length === 0) return;
    event.preventDefault();
    this.#onFiles(files);
  };
}
