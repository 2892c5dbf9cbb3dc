/** Dark or light: as the system has it, until the visitor says otherwise. */
import { type Signal, signal } from '@preact/signals';

export type Theme = 'dark' | 'light';

/** Counts changes, for what is drawn by hand in the colours of the page. */
export const themeChanges: Signal<number> = signal(0);

export function currentTheme(): Theme {
  const said = document.documentElement.dataset['theme'];
  if (said === 'dark' || said === 'light') return said;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

export function setTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  themeChanges.value++;
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => themeChanges.value++);

export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
