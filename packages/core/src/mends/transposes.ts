/** Which of a product's matrices are turned. */
export interface Transposes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}
