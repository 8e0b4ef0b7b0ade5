import type * as v from 'valibot';

/**
 * One method of a contract: how its parameters are parsed on arrival, what it streams, what it returns.
 * `Item` and `Result` exist for the compiler only.
 */
export interface MethodSpec<Params extends v.GenericSchema, Item, Result> {
  readonly params: Params;
  readonly item?: Item;
  readonly result?: Result;
}

// biome-ignore lint/suspicious/noExplicitAny: the widest bound of a generic; every use is inferred from a concrete contract
export type Contract = Readonly<Record<string, MethodSpec<v.GenericSchema<any, any>, any, any>>>;

/** Curried because TypeScript infers either all type arguments or none. */
export const method =
  <Item, Result>() =>
  <Params extends v.GenericSchema>(params: Params): MethodSpec<Params, Item, Result> => ({ params });

export type ParamsIn<C extends Contract, K extends keyof C> = v.InferInput<C[K]['params']>;
export type ParamsOut<C extends Contract, K extends keyof C> = v.InferOutput<C[K]['params']>;
export type ItemOf<C extends Contract, K extends keyof C> = C[K] extends MethodSpec<v.GenericSchema, infer Item, unknown> ? Item : never;
export type ResultOf<C extends Contract, K extends keyof C> =
  C[K] extends MethodSpec<v.GenericSchema, unknown, infer Result> ? Result : never;
export type MethodName<C extends Contract> = keyof C & string;
