import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import type { LoadSpec } from '../ports/runtime.ts';

/** The files of one variant, by plain path. */
export class ModelFiles {
  private readonly blobs: ReadonlyMap<string, Blob>;

  constructor(
    private readonly modelId: string,
    files: LoadSpec['files'],
  ) {
    this.blobs = new Map(files.map((file) => [file.path, file.blob]));
  }

  paths(): readonly string[] {
    return [...this.blobs.keys()];
  }

  find(path: string): Blob | undefined {
    return this.blobs.get(path);
  }

  /** @throws SillError `installation_damaged` when it is not there. */
  need(path: string): Blob {
    const blob = this.blobs.get(path);
    if (blob) return blob;
    throw new SillError('installation_damaged', `The file ${path} of ${this.modelId} is missing. Repair or reinstall the model.`, {
      details: { path },
    });
  }

  /** @throws SillError `installation_damaged` when it is missing, cannot be read, or is not what the schema expects. */
  async json<T>(path: string, schema: v.GenericSchema<unknown, T>): Promise<T> {
    const blob = this.need(path);
    try {
      return v.parse(schema, JSON.parse(await blob.text()));
    } catch (reason) {
      throw new SillError('installation_damaged', `The file ${path} of ${this.modelId} cannot be read. Repair or reinstall the model.`, {
        details: { path },
        cause: reason,
      });
    }
  }

  /** The same, `undefined` when there is no such file. */
  async optionalJson<T>(path: string, schema: v.GenericSchema<unknown, T>): Promise<T | undefined> {
    return this.blobs.has(path) ? this.json(path, schema) : undefined;
  }

  /**
   * The one ONNX graph of the variant and the weight files beside it, named as the graph names them.
   * @throws SillError `installation_damaged` when there is none or more than one.
   */
  graph(): { readonly graph: Blob; readonly weights: ReadonlyArray<{ readonly path: string; readonly blob: Blob }> } {
    const graphs = [...this.blobs.keys()].filter((path) => path.endsWith('.onnx'));
    const path = graphs[0];
    if (path === undefined || graphs.length > 1) {
      throw new SillError(
        'installation_damaged',
        `${this.modelId} should have one ONNX graph in this variant; it has ${graphs.length}. Reinstall the model, or tell its publisher.`,
        { details: { graphs } },
      );
    }
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    const weights = [...this.blobs]
      .filter(([name]) => name.startsWith(`${path}_data`))
      .map(([name, blob]) => ({ path: name.slice(folder.length), blob }));
    return { graph: this.need(path), weights };
  }
}
