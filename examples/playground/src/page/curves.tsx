import type { VNode } from 'preact';
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { evaluations, history } from './state.js';
import { colour, themeChanges } from './theme.js';

const HEIGHT = 250;

type Curve = { readonly label: string; readonly colour: string; readonly points?: boolean };

interface ChartOf {
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly range: uPlot.Scale.Range;
  /** Steps, then one list for each curve. */
  readonly data: () => uPlot.AlignedData;
  readonly format: (value: number) => string;
}

export function Curves(): VNode {
  return (
    <div class="curves">
      <Chart
        title="Loss"
        curves={[{ label: 'training', colour: 'accent' }]}
        range={(_, __, most) => [0, Math.max(most, 0.1)]}
        data={() => [steps(), history.value.map((p) => p.loss)]}
        format={(v) => v.toFixed(2)}
      />
      <Chart
        title="Accuracy"
        curves={[
          { label: 'training', colour: 'accent' },
          { label: 'new digits', colour: 'text', points: true },
        ]}
        range={[0, 1]}
        data={() => [steps(), history.value.map((p) => p.accuracy), heldOut()]}
        format={(v) => `${Math.round(100 * v)}%`}
      />
    </div>
  );
}

const steps = (): number[] => history.value.map((p) => p.step);

/** The evaluations among the reports. */
function heldOut(): (number | null)[] {
  const by = new Map(evaluations.value.map((e) => [e.step, e.accuracy]));
  return history.value.map(({ step }) => by.get(step) ?? null);
}

function Chart({ title, curves, range, data, format }: ChartOf) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const draw = (): void => {
    plot.current?.destroy();
    const width = place.current!.clientWidth;
    const axis = {
      stroke: colour('faint'),
      grid: { stroke: colour('line'), width: 1 },
      ticks: { show: false },
    };
    const options: uPlot.Options = {
      width,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { range } },
      axes: [
        { ...axis, size: 26 },
        { ...axis, size: 44, values: (_, ticks) => ticks.map(format) },
      ],
      series: [
        {},
        ...curves.map((curve) => ({
          stroke: colour(curve.colour),
          width: 2,
          spanGaps: true,
          points: { show: curve.points === true, size: 5, fill: colour(curve.colour) },
        })),
      ],
    };
    plot.current = new uPlot(options, data(), place.current!);
  };
  useEffect(() => {
    const watch = new ResizeObserver(() => {
      plot.current?.setSize({ width: place.current!.clientWidth, height: HEIGHT });
    });
    watch.observe(place.current!);
    return () => {
      watch.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useSignalEffect(() => {
    void themeChanges.value;
    if (place.current) draw();
  });
  useSignalEffect(() => plot.current?.setData(data()));
  const now = history.value.at(-1)?.step ?? 0;
  return (
    <figure>
      <figcaption>
        {title}
        {curves.length > 1 &&
          curves.map((curve) => (
            <span key={curve.label} class="key" style={{ color: `var(--${curve.colour})` }}>
              {curve.label}
            </span>
          ))}
      </figcaption>
      <div ref={place} role="img" aria-label={`${title} up to step ${now}`} />
    </figure>
  );
}
