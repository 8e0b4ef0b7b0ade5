/** What a template of Go's text/template consists of, as far as it is understood here. */
export type Node =
  | { readonly kind: 'text'; readonly text: string; readonly line: number }
  | { readonly kind: 'action'; readonly pipe: Pipe; readonly line: number }
  | {
      readonly kind: 'if' | 'with';
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly other: readonly Node[];
      readonly line: number;
    }
  | { readonly kind: 'range'; readonly pipe: Pipe; readonly body: readonly Node[]; readonly other: readonly Node[]; readonly line: number }
  | { readonly kind: 'template'; readonly template: string; readonly pipe: Pipe | undefined; readonly line: number }
  | { readonly kind: 'break' | 'continue'; readonly line: number };

/** `$i, $x := command | command` */
export interface Pipe {
  readonly declares: readonly string[];
  /** With `=`: the variable is there already. */
  readonly isAssignment: boolean;
  readonly commands: ReadonlyArray<readonly Operand[]>;
  readonly line: number;
}

/** A value, and the fields that are taken of it: `$message.ToolCalls`. */
export interface Operand {
  readonly value:
    | { readonly kind: 'dot' }
    | { readonly kind: 'variable'; readonly variable: string }
    | { readonly kind: 'call'; readonly called: string }
    | { readonly kind: 'constant'; readonly constant: string | number | boolean | undefined }
    | { readonly kind: 'pipe'; readonly pipe: Pipe };
  readonly fields: readonly string[];
  readonly line: number;
}

/** The tree of a template, and those that it defines by name. */
export interface GoTemplate {
  readonly root: readonly Node[];
  readonly named: ReadonlyMap<string, readonly Node[]>;
}
