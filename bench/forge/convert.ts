/** Converts one GGUF file in a process of its own, whose memory nothing else touches: `convert.ts <file> <form> <folder>`. */
import { type ImportedDtype, importGguf } from '../../tools/import/importGguf.ts';

const FORMS: readonly ImportedDtype[] = ['int8', 'q4', 'fp16'];
const [path = '', form = '', folder = ''] = process.argv.slice(2);
const dtype = FORMS.find((each) => each === form);
if (!dtype) throw new Error(`there is no form ${form}`);
const idleBytes = process.memoryUsage.rss();
const startMs = performance.now();
const start = process.cpuUsage();
await importGguf(path, folder, { dtypes: [dtype] });
const ms = performance.now() - startMs;
const { user, system } = process.cpuUsage(start);
// Kibibytes, on Linux.
console.log(JSON.stringify({ ms, cpuMs: (user + system) / 1000, idleBytes, peakBytes: process.resourceUsage().maxRSS * 1024 }));
