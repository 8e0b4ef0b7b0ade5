import { A, B, derivedModel, entryOf, install, MODEL, manifestWith } from './samples.ts';
import { codeOf, type Suite } from './suite.ts';

/** What every store of Modelfiles does. */
export function modelfilesContract({ test, equal }: Suite): void {
  test('a derived model is kept under its name while its base is, replaced by one of the same name, and goes when nobody is made from it', async (store) => {
    const { modelfiles, models } = store;
    const mario = derivedModel('mario', 'FROM acme/tiny\nSYSTEM a');
    equal(await codeOf(modelfiles.put(mario)), 'model_not_installed');
    await install(store, entryOf(), manifestWith(B), [A, B]);
    equal(await codeOf(modelfiles.put(derivedModel('acme/tiny', 'FROM acme/tiny'))), 'invalid_request');
    await modelfiles.put(mario);
    equal(await modelfiles.get(mario.id), mario);
    const luigi = derivedModel('luigi', 'FROM mario');
    await modelfiles.put(luigi);
    equal(await codeOf(modelfiles.put(derivedModel('mario', 'FROM luigi'))), 'invalid_request');
    equal(await codeOf(modelfiles.delete(mario.id)), 'invalid_request');
    const other = { ...mario, modelfile: 'FROM acme/tiny\nSYSTEM b', changedAtMs: 2 };
    await modelfiles.put(other);
    equal(await modelfiles.list(), [luigi, other]);
    await models.remove(MODEL, 20);
    await models.collectGarbage();
    equal((await modelfiles.list()).length, 2);
    equal(await modelfiles.delete(luigi.id), true);
    equal(await modelfiles.delete(luigi.id), false);
    equal(await modelfiles.delete(mario.id), true);
    equal(await modelfiles.list(), []);
  });
}
