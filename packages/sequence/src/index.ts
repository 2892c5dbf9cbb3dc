/** Strata's layers for sequences. */
export { ElmanRNN, type ElmanRNNOptions } from './elman-rnn.js';
export { GRU, type RecurrentInput, type RecurrentOutput } from './gru.js';
export { LSTM, type LSTMInput, type LSTMOutput } from './lstm.js';
export type { RecurrentLayerOptions } from './recurrent-layer.js';
