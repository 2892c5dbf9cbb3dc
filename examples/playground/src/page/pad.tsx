import type { VNode } from 'preact';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { centredDigit } from '../digit.js';
import { predict } from './actions.js';
import { history, opened, probabilities } from './state.js';
import { colour, themeChanges } from './theme.js';

const SIDE = 280;
const PEN = 22;
/** How far an arrow key moves the pen. */
const STRIDE = 10;

export function Pad(): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pen = useRef({ x: SIDE / 2, y: SIDE / 2, down: false });
  /** Where the pen of the keyboard is; null while it is not used. */
  const cursor = useSignal<{ x: number; y: number; down: boolean } | null>(null);
  const drawn = useSignal(false);

  const lineTo = (x: number, y: number): void => {
    const context = canvas.current!.getContext('2d')!;
    context.strokeStyle = colour('text');
    context.lineWidth = PEN;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(pen.current.x, pen.current.y);
    context.lineTo(x, y);
    context.stroke();
    pen.current = { x, y, down: true };
    drawn.value = true;
  };
  const look = (): void => {
    const image = canvas.current!.getContext('2d')!.getImageData(0, 0, SIDE, SIDE).data;
    const ink = Float32Array.from({ length: SIDE * SIDE }, (_, i) => image[4 * i + 3]! / 255);
    const digit = centredDigit(ink, SIDE);
    if (digit === null) probabilities.value = null;
    else if (opened.value !== null) void predict(digit);
  };
  const clear = (): void => {
    canvas.current!.getContext('2d')!.clearRect(0, 0, SIDE, SIDE);
    drawn.value = false;
    probabilities.value = null;
  };
  const at = (event: PointerEvent): [number, number] => {
    const box = canvas.current!.getBoundingClientRect();
    const scale = SIDE / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  };

  const onKey = (event: KeyboardEvent): void => {
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-STRIDE, 0],
      ArrowRight: [STRIDE, 0],
      ArrowUp: [0, -STRIDE],
      ArrowDown: [0, STRIDE],
    };
    const { x, y, down } = cursor.value ?? { ...pen.current, down: false };
    const move = moves[event.key];
    if (move !== undefined) {
      const next = { x: clamp(x + move[0]), y: clamp(y + move[1]), down };
      pen.current = { x, y, down };
      if (down) lineTo(next.x, next.y);
      cursor.value = next;
    } else if (event.key === ' ') {
      cursor.value = { x, y, down: !down };
      if (down) look();
    } else if (event.key === 'Escape') {
      clear();
      cursor.value = { x, y, down: false };
    } else return;
    event.preventDefault();
  };

  // What was drawn is asked for again as the network learns, and stands in the page's colour.
  const step = history.value.at(-1)?.step;
  useEffect(() => {
    if (drawn.value && !pen.current.down) look();
  }, [step]);
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    context.globalCompositeOperation = 'source-in';
    context.fillStyle = colour('text');
    context.fillRect(0, 0, SIDE, SIDE);
    context.globalCompositeOperation = 'source-over';
  }, [themeChanges.value]);

  return (
    <section class="card pad">
      <h2>Draw a digit</h2>
      <div class="pad-and-guess">
        <div class="paper">
          <canvas
            ref={canvas}
            width={SIDE}
            height={SIDE}
            tabIndex={0}
            role="application"
            aria-label="Drawing pad. Arrow keys move the pen, space sets it down and lifts it, escape clears."
            onPointerDown={(event) => {
              canvas.current!.setPointerCapture(event.pointerId);
              const [x, y] = at(event);
              pen.current = { x, y, down: true };
              lineTo(x, y);
            }}
            onPointerMove={(event) => {
              if (pen.current.down && event.buttons !== 0) lineTo(...at(event));
            }}
            onPointerUp={() => {
              pen.current.down = false;
              look();
            }}
            onKeyDown={onKey}
            onFocus={(event) => {
              if (event.currentTarget.matches(':focus-visible')) {
                cursor.value = { x: SIDE / 2, y: SIDE / 2, down: false };
              }
            }}
            onBlur={() => (cursor.value = null)}
          />
          {cursor.value && (
            <span
              class={`pen ${cursor.value.down ? 'down' : ''}`}
              style={{
                left: `${(100 * cursor.value.x) / SIDE}%`,
                top: `${(100 * cursor.value.y) / SIDE}%`,
              }}
            />
          )}
          {!drawn.value && <p aria-hidden="true">with finger, mouse or arrow keys</p>}
        </div>
        <Guess />
      </div>
      <button type="button" class="quiet" onClick={clear}>
        Clear
      </button>
    </section>
  );
}

function Guess() {
  const values = probabilities.value;
  const best = values === null ? -1 : values.indexOf(Math.max(...values));
  return (
    <div class="guess">
      <p class="verdict" role="status" aria-label="What the network reads" data-figure="guess">
        {best === -1 ? '?' : best}
      </p>
      <ol>
        {Array.from({ length: 10 }, (_, digit) => (
          <li key={digit} class={digit === best ? 'best' : ''}>
            <span>{digit}</span>
            <meter min={0} max={1} value={values?.[digit] ?? 0}>
              {values?.[digit] ?? 0}
            </meter>
          </li>
        ))}
      </ol>
    </div>
  );
}

const clamp = (value: number): number => Math.min(SIDE, Math.max(0, value));
