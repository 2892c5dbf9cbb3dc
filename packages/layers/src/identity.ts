import { identity, type Tensor } from '@stratajs/core';
import { Module } from './module.js';

/** Puts out what it is given, whatever its shape. A place holder: for a layer taken away, or a plain shortcut. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return identity(x);
  }
}
