import { cpu, type Isa } from '@stratajs/backend-cpu';
import {
  describeCompiled,
  describeSameBits,
  layerTraining,
  type Training,
  type TrainingInput,
} from '@stratajs/conformance';
import type { Rng, Tensor } from '@stratajs/core';
import * as S from '../src/index.js';

const engines = [
  ...(['avx512', 'avx2', 'neon', 'generic'] satisfies Isa[]).map((isa) =>
    cpu({ tier: 'native', isa }),
  ),
  cpu({ tier: 'wasm' }),
  cpu({ tier: 'javascript' }),
];

const [N, T, FEATURES] = [3, 5, 8];
const x: TrainingInput = { shape: [N, T, FEATURES] };
const memory: TrainingInput = { shape: [N, 4, FEATURES] };
const lengths: TrainingInput = { shape: [N], dtype: 'int32', low: 1, high: T + 1 };
const mask: TrainingInput = { shape: [T, 4], dtype: 'bool' };
const stateOf = (layers: number): TrainingInput => ({ shape: [layers, N, 4] });

type Recurrent = S.ElmanRNN | S.GRU;
const all = { numLayers: 2, bidirectional: true, dropout: 0.3 };

/** Of sequences of one length from a state of zeros, and of several lengths from given states. */
const recurrent = (create: (options: S.RecurrentLayerOptions) => Recurrent): Training[] => [
  layerTraining((rng) => create({ rng }), [x]),
  layerTraining(
    (rng) => create({ ...all, rng }),
    [x, lengths, stateOf(4)],
    (layer, y, of, initialState) => layer.forward(y, { lengths: of!, initialState: initialState! }),
  ),
];
const [rnn, rnnAll] = recurrent((options) => new S.ElmanRNN(FEATURES, 4, options));
const [gru, gruAll] = recurrent((options) => new S.GRU(FEATURES, 4, options));

const transformer = { feedForwardFeatures: 12, dropout: 0.2 };
const encoder = (options: S.TransformerLayerOptions) => (rng: Rng) =>
  new S.TransformerEncoderLayer(FEATURES, 2, { ...transformer, ...options, rng });
const decoder = (options: S.TransformerLayerOptions) => (rng: Rng) =>
  new S.TransformerDecoderLayer(FEATURES, 2, { ...transformer, ...options, rng });

const layers: Readonly<Record<string, Training>> = {
  ElmanRNN: rnn!,
  'ElmanRNN, all options': rnnAll!,
  'ElmanRNN, rectified': layerTraining(
    (rng) => new S.ElmanRNN(FEATURES, 4, { nonlinearity: 'relu', bias: false, rng }),
    [x],
  ),
  GRU: gru!,
  'GRU, all options': gruAll!,
  LSTM: layerTraining((rng) => new S.LSTM(FEATURES, 4, { rng }), [x]),
  'LSTM, all options': layerTraining(
    (rng) => new S.LSTM(FEATURES, 4, { ...all, rng }),
    [x, lengths, stateOf(4), stateOf(4)],
    (layer, y, of, hidden, cell) =>
      layer.forward(y!, { lengths: of!, initialState: { hidden: hidden!, cell: cell! } }),
  ),
  MultiHeadAttention: layerTraining((rng) => new S.MultiHeadAttention(FEATURES, 2, { rng }), [x]),
  'MultiHeadAttention, masked, with dropout': layerTraining(
    (rng) => new S.MultiHeadAttention(FEATURES, 2, { dropout: 0.2, rng }),
    [x, memory, mask],
    (layer, q, kv, m) => layer.forward(q!, kv, kv, { mask: m! }),
  ),
  'MultiHeadAttention, causal, of several lengths': layerTraining(
    (rng) => new S.MultiHeadAttention(FEATURES, 2, { bias: false, rng }),
    [x, lengths],
    (layer, q, of) => layer.forward(q!, q, q, { causal: true, lengths: of! }),
  ),
  TransformerEncoderLayer: layerTraining(encoder({}), [x]),
  'TransformerEncoderLayer, norm first': layerTraining(
    encoder({ normFirst: true, activation: 'gelu' }),
    [x, lengths],
    (layer, y, of) => layer.forward(y!, { lengths: of! }),
  ),
  TransformerDecoderLayer: layerTraining(decoder({}), [x, memory]),
  'TransformerDecoderLayer, norm first': layerTraining(
    decoder({ normFirst: true, activation: 'gelu' }),
    [x, memory],
    (layer, y, of) => layer.forward(y!, of!, { target: { causal: true } }),
  ),
};

/** Large enough to be divided among threads. */
const large: Readonly<Record<string, Training>> = {
  LSTM: layerTraining(
    (rng) => new S.LSTM(64, 96, { bidirectional: true, rng }),
    [{ shape: [24, 12, 64] }],
  ),
  GRU: layerTraining((rng) => new S.GRU(64, 96, { rng }), [{ shape: [24, 12, 64] }]),
  'a transformer': layerTraining(
    (rng) => new S.TransformerEncoderLayer(64, 4, { feedForwardFeatures: 256, rng }),
    [{ shape: [8, 40, 64] }],
    (layer, y: Tensor | undefined) => layer.forward(y!, { causal: true }),
  ),
};

const needed = Object.entries(S).flatMap(([name, of]) =>
  typeof of === 'function' && typeof of.prototype?.forward === 'function' ? [name] : [],
);

await describeCompiled(engines, layers, { needed, relativeTolerance: 0 });
await describeSameBits(
  [1, 2, 4].map((threads) => cpu({ tier: 'native', threads })),
  large,
);
