import type { VNode } from 'preact';
import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { filters } from './state.js';
import { colour, themeChanges } from './theme.js';

const COLUMNS = 4;
const GAP = 1;

/** What the first layer looks for: ink where it is coloured, none where it is dark or light. */
export function FirstLayer(): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useSignalEffect(() => {
    void themeChanges.value;
    const seen = filters.value;
    if (seen === null || canvas.current === null) return;
    const { size, tiles } = seen;
    const columns = Math.min(COLUMNS, tiles.length);
    const rows = Math.ceil(tiles.length / columns);
    const element = canvas.current;
    element.width = columns * (size + GAP) - GAP;
    element.height = rows * (size + GAP) - GAP;
    const context = element.getContext('2d')!;
    const [plus, minus] = [rgb(colour('accent')), rgb(colour('text'))];
    tiles.forEach((tile, i) => {
      const image = context.createImageData(size, size);
      const most = tile.reduce((m, w) => Math.max(m, Math.abs(w)), 1e-9);
      tile.forEach((weight, p) => {
        const [r, g, b] = weight > 0 ? plus : minus;
        image.data.set([r, g, b, (255 * Math.abs(weight)) / most], 4 * p);
      });
      const [column, row] = [i % columns, Math.floor(i / columns)];
      context.putImageData(image, column * (size + GAP), row * (size + GAP));
    });
  });
  return (
    <section class="card filters">
      <h2>First layer</h2>
      {filters.value === null ? (
        <p class="empty">Shown as soon as training begins.</p>
      ) : (
        <canvas ref={canvas} role="img" aria-label={`${filters.value.tiles.length} filters`} />
      )}
    </section>
  );
}

function rgb(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
