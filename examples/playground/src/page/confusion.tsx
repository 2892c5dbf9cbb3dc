import type { VNode } from 'preact';
import { evaluations } from './state.js';

export function Confusion(): VNode {
  const confusion = evaluations.value.at(-1)?.confusion;
  return (
    <section class="card confusion">
      <h2>Confusion</h2>
      {confusion === undefined ? (
        <p class="empty">Shown as soon as training begins.</p>
      ) : (
        <table>
          <caption>Rows: the digit. Columns: what the network says.</caption>
          <thead>
            <tr>
              <td />
              {confusion.map((_, guess) => (
                <th key={guess} scope="col">
                  {guess}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {confusion.map((row, label) => {
              const total = row.reduce((a, b) => a + b, 0);
              return (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {row.map((count, guess) => (
                    <td
                      key={guess}
                      class={guess === label ? 'right' : 'wrong'}
                      style={{ '--share': total === 0 ? 0 : count / total }}
                    >
                      {count === 0 ? '' : count}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}
