/** The theme follows the system unless the reader chose one. `data-theme` on <html> always names the one in use. */
export const THEME_CHOICES = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];
const KEY = 'berth-theme';

/** Runs in <head>, before the first paint; must stand alone. */
export const THEME_SCRIPT = `(()=>{try{var c=localStorage.getItem('${KEY}')}catch(e){}var d=c==='dark'||(c!=='light'&&matchMedia('(prefers-color-scheme: dark)').matches);document.documentElement.dataset.theme=d?'dark':'light'})()`;

const listeners = new Set<() => void>();

export function readTheme(): ThemeChoice {
  try {
    const stored = localStorage.getItem(KEY);
    return THEME_CHOICES.find((choice) => choice === stored) ?? 'system';
  } catch {
    return 'system'; // storage may be closed to the page
  }
}

function apply(): void {
  const choice = readTheme();
  const dark = choice === 'dark' || (choice === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  for (const listener of listeners) listener();
}

export function chooseTheme(choice: ThemeChoice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // the choice then lasts as long as the page
  }
  apply();
}

/** For useSyncExternalStore: follows the reader's choice and the system's. */
export function onThemeChange(listener: () => void): () => void {
  const media = matchMedia('(prefers-color-scheme: dark)');
  listeners.add(listener);
  media.addEventListener('change', apply);
  // The system may have changed between the script in <head> and this.
  apply();
  return () => {
    listeners.delete(listener);
    media.removeEventListener('change', apply);
  };
}
