/**
 * The routes of all services as a configuration of Caddy. Pure (law L2). Berth has two servers of its own in it, and one policy for
 * certificates; all else that is there belongs to somebody else, and stays as it is.
 */
export interface ProxyRoute {
  domain: string;
  /** "/" for all. */
  path: string;
  tls: 'auto' | 'internal' | 'off';
  serviceName: string;
  /** "10.0.0.7:30012", in a steady order. */
  upstreams: string[];
}

export interface ProxyListens {
  /** ":443" */
  https: string;
  /** ":80" */
  http: string;
}

type Json = Record<string, unknown>;

const SERVERS = { tls: 'berth', plain: 'berth_plain' } as const;
const POLICY = 'berth_internal';
/** A replica that does not take a connection is passed over for so long … */
const FAIL_DURATION = '2s';
/** … and another one is tried meanwhile, for so long at most. */
const TRY_DURATION = '10s';
const TRY_INTERVAL = '100ms';

/** `current`: the whole configuration as Caddy has it; null where it has none. */
export function caddyConfig(current: unknown, routes: readonly ProxyRoute[], listens: ProxyListens): Json {
  const config = copyOf(current);
  const servers = within(config, 'apps', 'http', 'servers');
  const encrypted = routes.filter(({ tls }) => tls !== 'off');
  const plain = routes.filter(({ tls }) => tls === 'off');
  set(
    servers,
    SERVERS.tls,
    encrypted.length === 0
      ? null
      : { listen: [listens.https], automatic_https: { disable_redirects: true }, routes: encrypted.sort(mostExact).map(routeOf) },
  );
  // Who comes without TLS to a domain that has it is sent on; the proxy answers certificate challenges before that.
  const redirected = [...new Set(encrypted.map(({ domain }) => domain))].sort().map((domain) => redirectOf(domain, listens.https));
  set(
    servers,
    SERVERS.plain,
    routes.length === 0
      ? null
      : {
          listen: [listens.http],
          automatic_https: { disable: true },
          routes: [...plain.sort(mostExact).map(routeOf), ...redirected],
        },
  );
  const subjects = [...new Set(encrypted.filter(({ tls }) => tls === 'internal').map(({ domain }) => domain))].sort();
  const automation = within(config, 'apps', 'tls', 'automation');
  const others = (Array.isArray(automation.policies) ? automation.policies : []).filter((policy) => copyOf(policy)['@id'] !== POLICY);
  const mine = subjects.length === 0 ? [] : [{ '@id': POLICY, subjects, issuers: [{ module: 'internal' }] }];
  set(automation, 'policies', others.length + mine.length === 0 ? null : [...mine, ...others]);
  return withoutEmpty(config);
}

/** The longer path first, and a domain before one with a star. */
const mostExact = (a: ProxyRoute, b: ProxyRoute): number =>
  Number(a.domain.startsWith('*')) - Number(b.domain.startsWith('*')) ||
  b.path.length - a.path.length ||
  (`${a.domain}${a.path}` < `${b.domain}${b.path}` ? -1 : 1);

function routeOf({ domain, path, serviceName, upstreams }: ProxyRoute): Json {
  const below = path.replace(/\/+$/, '');
  return {
    match: [{ host: [domain], ...(below !== '' && { path: [below, `${below}/*`] }) }],
    terminal: true,
    handle: [
      upstreams.length === 0
        ? {
            handler: 'static_response',
            status_code: 503,
            headers: { 'Retry-After': ['5'] },
            body: `No replica of ${serviceName} is ready.\n`,
          }
        : {
            handler: 'reverse_proxy',
            upstreams: upstreams.map((dial) => ({ dial })),
            load_balancing: { selection_policy: { policy: 'least_conn' }, try_duration: TRY_DURATION, try_interval: TRY_INTERVAL },
            health_checks: { passive: { fail_duration: FAIL_DURATION, max_fails: 1 } },
          },
    ],
  };
}

function redirectOf(domain: string, httpsListen: string): Json {
  const port = /:(\d+)$/.exec(httpsListen)?.[1];
  const to = `https://{http.request.host}${port === undefined || port === '443' ? '' : `:${port}`}{http.request.uri}`;
  return {
    match: [{ host: [domain] }],
    terminal: true,
    handle: [{ handler: 'static_response', status_code: 308, headers: { Location: [to] } }],
  };
}

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const copyOf = (value: unknown): Json => (isRecord(value) ? structuredClone(value) : {});

/** The object at a path, made where it is not there. */
function within(config: Json, ...path: string[]): Json {
  let at = config;
  for (const key of path) {
    const next = at[key];
    const below: Json = isRecord(next) ? next : {};
    at[key] = below;
    at = below;
  }
  return at;
}

function set(object: Json, key: string, value: unknown): void {
  if (value === null) delete object[key];
  else object[key] = value;
}

/** Without what was only made to put something into. */
function withoutEmpty(config: Json): Json {
  for (const path of [['apps', 'http', 'servers'], ['apps', 'http'], ['apps', 'tls', 'automation'], ['apps', 'tls'], ['apps']]) {
    const parent = path.slice(0, -1).reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), config);
    const key = path.at(-1);
    if (!isRecord(parent) || key === undefined) continue;
    const value = parent[key];
    if (isRecord(value) && Object.keys(value).length === 0) delete parent[key];
  }
  return config;
}
