"""Makes referenceBlocks.json: blocks of each type of GGUF tensor, and the numbers that they stand for by another implementation than ours,
the `gguf` package of the llama.cpp project (MIT). Run with: pip install gguf==0.19.0 && python referenceBlocks.py > referenceBlocks.json"""
import base64, json
import numpy as np
import gguf
from gguf import GGMLQuantizationType as T

# Where a block keeps 16-bit floats: anything else may hold any bits.
FLOATS = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
    "IQ2_XXS": [0], "IQ2_XS": [0], "IQ3_XXS": [0], "IQ4_NL": [0], "IQ4_XS": [0],
}
# Numbers of their own, so that those of the others stay.
LATER = {"IQ2_S": [0], "IQ3_S": [0]}
random = np.random.default_rng(1)
text = lambda array: base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
cases = {}


def add(name, places, random):
    block, size = gguf.GGML_QUANT_SIZES[T[name]]
    count = 3 if block == 256 else 12
    blocks = random.integers(0, 256, (count, size), dtype=np.uint8)
    for place in places:
        scales = (random.standard_normal(count) * 0.01).astype(np.float16)
        # The smallest number there is, and none.
        scales[0], scales[1] = np.float16(6e-8), np.float16(-0.0)
        blocks[:, place:place + 2] = scales.reshape(-1, 1).view(np.uint8)
    cases[name] = {"blocks": text(blocks), "values": text(gguf.dequantize(blocks, T[name]))}


for name, places in FLOATS.items():
    add(name, places, random)
halves = random.integers(0, 2**16, 64, dtype=np.uint16)
halves = halves[np.isfinite(halves.view(np.float16))]
cases["F16"] = {"blocks": text(halves), "values": text(gguf.dequantize(halves.view(np.float16), T.F16))}
halves = random.integers(0, 2**16, 64, dtype=np.uint16)
cases["BF16"] = {"blocks": text(halves), "values": text(gguf.dequantize(halves.view(np.uint8), T.BF16))}
for name, places in LATER.items():
    add(name, places, np.random.default_rng(2))
weights = (random.standard_normal(256) * 0.05).astype(np.float32)
# A block of zeros, and one whose largest weight is negative.
weights[:32] = 0
weights[40] = -1
quantised = {name: text(gguf.quantize(weights, T[name])) for name in ("F16", "Q8_0", "Q4_0")}
print(json.dumps({"origin": "gguf 0.19.0 (PyPI, MIT, the llama.cpp project), referenceBlocks.py", "types": cases,
                  "quantised": {"weights": text(weights), **quantised}}, indent=1))
