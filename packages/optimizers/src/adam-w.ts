import { Adam, type AdamOptions } from './adam.js';
import type { Parameters } from './optimizer.js';

/**
 * Adam whose weight decay acts on the parameter itself: p ← p·(1 − learningRate·λ) before the step of Adam, whose
 * moments do not see it. As `torch.optim.AdamW`; default weight decay 0.01.
 *
 * @throws ConfigError for settings out of range, unknown options, or a model without parameters.
 *
 * Paper: Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019.
 * Differs from the paper: the decay is multiplied by the learning rate, as in PyTorch.
 */
export class AdamW extends Adam {
  constructor(model: Parameters, options: AdamOptions = {}) {
    super(model, { weightDecay: 0.01, ...options });
  }

  protected override get type(): 'Adam' | 'AdamW' {
    return 'AdamW';
  }
}
