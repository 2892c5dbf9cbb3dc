import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.js';

describe('nearest', () => {
  const known = ['lenet5', 'resnet20', 'mlp'];

  it.each([
    ['lenet', " Did you mean 'lenet5'?"],
    ['LeNet-5', " Did you mean 'lenet5'?"],
    ['resnet', " Did you mean 'resnet20'?"],
    ['res', " Did you mean 'resnet20'?"],
    ['mpl', " Did you mean 'mlp'?"],
    ['transformer', ' Known: lenet5, resnet20, mlp.'],
  ])('%s →%s', (name, hint) => expect(nearest(name, known)).toBe(hint));

  it('says nothing when nothing is known', () => expect(nearest('x', [])).toBe(''));
});
