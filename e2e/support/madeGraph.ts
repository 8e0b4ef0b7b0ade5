import { ExternalData } from '../../src/forge/externalData.ts';
import { type Attribute, type ElementType, GraphBuilder } from '../../src/forge/graphBuilder.ts';

type Attributes = Readonly<Record<string, number | readonly number[]>>;

/** Writes a graph by hand, a line an operator. Numbers given as attributes are integers. */
export class MadeGraph {
  readonly #parts: Uint8Array[] = [];
  readonly #graph: GraphBuilder;
  #names = 0;

  constructor(private readonly file: string) {
    this.#graph = new GraphBuilder('made', new ExternalData(`${file}_data`, (bytes) => this.#parts.push(bytes.slice())));
  }

  input(name: string, type: ElementType, dims: ReadonlyArray<number | string>): string {
    return this.#graph.input(name, type, dims);
  }

  op(type: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const written = Object.entries(attributes).map(([name, value]): [string, Attribute] => [
      name,
      typeof value === 'number' ? { int: value } : { ints: value },
    ]);
    return this.#graph.node(type, inputs, this.#next(), { attributes: Object.fromEntries(written) });
  }

  floats(dims: readonly number[], values: readonly number[]): string {
    const name = this.#next();
    this.#graph.weight(name, 'float32', dims, Float32Array.from(values));
    return name;
  }

  ints(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.#graph.constant(this.#next(), 'int64', dims, values.map(BigInt));
  }

  /** Of `value` along an axis, from one place to another. */
  slice(value: string, axis: number, from: number, to: number): string {
    return this.op('Slice', [value, this.ints([from]), this.ints([to]), this.ints([axis])]);
  }

  output(name: string, value: string, dims: ReadonlyArray<number | string>): this {
    this.#graph.node('Identity', [value], name);
    this.#graph.output(name, 'float32', dims);
    return this;
  }

  /** The `.onnx` and, where it has weights, the file beside it. */
  files(): Record<string, Uint8Array> {
    const data = Buffer.concat(this.#parts);
    const graph = this.#graph.build({ name: 'sill-test', version: '1' });
    return { [`onnx/${this.file}`]: graph, ...(data.length > 0 ? { [`onnx/${this.file}_data`]: new Uint8Array(data) } : {}) };
  }

  #next(): string {
    this.#names += 1;
    return `v${this.#names}`;
  }
}
