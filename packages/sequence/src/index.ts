/** Strata's layers for sequences. */
export { ElmanRNN, type ElmanRNNOptions } from './elman-rnn.js';
export { GRU, type RecurrentInput, type RecurrentOutput } from './gru.js';
export { LSTM, type LSTMInput, type LSTMOutput } from './lstm.js';
export type { RecurrentLayerOptions } from './recurrent-layer.js';
export type { AttentionMasks } from './attention-arguments.js';
export { MultiHeadAttention, type MultiHeadAttentionOptions } from './multi-head-attention.js';
export {
  TransformerDecoderLayer,
  type TransformerDecoderMasks,
} from './transformer-decoder-layer.js';
export { TransformerEncoderLayer } from './transformer-encoder-layer.js';
export type { TransformerLayerOptions } from './transformer-options.js';
