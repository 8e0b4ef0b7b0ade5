/** What is used of it. It is no dependency: it brings a binary of llama.cpp, which only who records references needs. */
declare module 'node-llama-cpp' {
  type Token = number;
  interface Evaluated {
    readonly next?: { readonly probabilities?: ReadonlyMap<Token, number> };
  }
  interface LlamaContext {
    getSequence(): {
      controlledEvaluate(
        input: ReadonlyArray<readonly [Token, { generateNext: { probabilities: true; options: object } }]>,
      ): Promise<ReadonlyArray<Evaluated | undefined>>;
    };
    dispose(): Promise<void>;
  }
  interface LlamaModel {
    readonly tokens: { readonly shouldPrependBosToken: boolean };
    tokenize(text: string, specialTokens?: boolean): Token[];
    createContext(options: object): Promise<LlamaContext>;
    dispose(): Promise<void>;
  }
  export function getLlama(
    options: object,
  ): Promise<{ loadModel(options: object): Promise<LlamaModel>; readonly llamaCppRelease: { readonly release: string } }>;
}
