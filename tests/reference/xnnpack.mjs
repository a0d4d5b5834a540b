// Runs a graph with onnxruntime's XNNPACK provider, which onnxruntime-web has up to version 1.16, and prints what is placed where:
//
//   node xnnpack.mjs graph.onnx image.raw height width out.raw        (planes of R, G and B as float32)
import { readFileSync, writeFileSync } from 'node:fs';
import ort from 'onnxruntime-web';

const [graph, image, height, width, out] = process.argv.slice(2);
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'verbose';
const session = await ort.InferenceSession.create(readFileSync(graph), {
    executionProviders: ['xnnpack'], logSeverityLevel: 0,
});
const floats = new Float32Array(new Uint8Array(readFileSync(image)).buffer);
const { stylized } = await session.run({ image: new ort.Tensor('float32', floats, [1, 3, Number(height), Number(width)]) });
writeFileSync(out, stylized.data);
