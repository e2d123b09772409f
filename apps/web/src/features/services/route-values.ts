/** The form's rows of domains and the spec's routes, each from the other. Pure. */
import type { Route } from '@berth/shared/model/service';

export interface RouteRow {
  domain: string;
  /** All below the domain where empty. */
  path: string;
  /** Of the container. */
  port: string;
  /** What is so by itself is not written. */
  tls: '' | 'internal' | 'off';
}

const isFilled = ({ domain, path, port }: RouteRow) => domain !== '' || path !== '' || port !== '';

/** `number`: of the form, which leaves what is none for the contract to refuse. */
export function toRoutes(rows: readonly RouteRow[], number: (text: string) => number): Route[] | undefined {
  const routes = rows.filter(isFilled).map(
    ({ domain, path, port, tls }): Route => ({
      domain: domain.trim(),
      ...(path.trim() !== '' && { path: path.trim() }),
      port: number(port),
      ...(tls !== '' && { tls }),
    }),
  );
  return routes.length > 0 ? routes : undefined;
}

export const fromRoutes = (routes: readonly Route[] = []): RouteRow[] =>
  routes.map(({ domain, path = '', port, tls = 'auto' }) => ({ domain, path, port: String(port), tls: tls === 'auto' ? '' : tls }));

/** `rest`: of the path behind "routes". Empty rows are not sent, so places in the request and on the screen may differ. */
export function routeFieldOf([place, field = 'domain']: readonly string[], rows: readonly RouteRow[]): string | null {
  const sent = rows.flatMap((row, index) => (isFilled(row) ? [index] : []));
  const index = place === undefined ? undefined : sent[Number(place)];
  return index === undefined ? null : `routes.${index}.${field}`;
}

/** Where a browser gets to it; null: it stands for many domains. `tls`: `auto` where absent. */
export function addressOf({ domain, path = '/', tls }: Route): string | null {
  return domain.startsWith('*.') ? null : `${tls === 'off' ? 'http' : 'https'}://${domain}${path}`;
}
