import { expect, test } from 'vitest';
import { caddyConfig, type ProxyRoute } from './caddy-config.ts';

const LISTENS = { https: ':443', http: ':80' };
const route = (change: Partial<ProxyRoute> = {}): ProxyRoute => ({
  domain: 'app.example.com',
  path: '/',
  tls: 'auto',
  serviceName: 'web',
  upstreams: ['10.0.0.7:30012', '10.0.0.8:30044'],
  ...change,
});

test('a domain leads to all of its replicas, with another one tried where one does not take the connection', () => {
  expect(caddyConfig(null, [route()], LISTENS)).toEqual({
    apps: {
      http: {
        servers: {
          berth_plain: {
            listen: [':80'],
            automatic_https: { disable: true },
            routes: [
              {
                match: [{ host: ['app.example.com'] }],
                terminal: true,
                handle: [
                  {
                    handler: 'static_response',
                    status_code: 308,
                    headers: { Location: ['https://{http.request.host}{http.request.uri}'] },
                  },
                ],
              },
            ],
          },
          berth: {
            listen: [':443'],
            automatic_https: { disable_redirects: true },
            routes: [
              {
                match: [{ host: ['app.example.com'] }],
                terminal: true,
                handle: [
                  {
                    handler: 'reverse_proxy',
                    upstreams: [{ dial: '10.0.0.7:30012' }, { dial: '10.0.0.8:30044' }],
                    load_balancing: { selection_policy: { policy: 'least_conn' }, try_duration: '10s', try_interval: '100ms' },
                    health_checks: { passive: { fail_duration: '2s', max_fails: 1 } },
                  },
                ],
              },
            ],
          },
        },
      },
    },
  });
});

test('what is not its own stays as it is', () => {
  const theirs = {
    admin: { listen: 'localhost:2019' },
    apps: { http: { servers: { site: { listen: [':8443'] } } }, tls: { automation: { policies: [{ subjects: ['x.example.com'] }] } } },
  };
  const all = caddyConfig(theirs, [route({ tls: 'internal' }), route({ domain: 'plain.example.com', tls: 'off' })], LISTENS);
  expect(all).toMatchObject({
    admin: { listen: 'localhost:2019' },
    apps: {
      http: { servers: { site: { listen: [':8443'] }, berth_plain: { listen: [':80'], automatic_https: { disable: true } } } },
      tls: {
        automation: {
          policies: [
            { '@id': 'berth_internal', subjects: ['app.example.com'], issuers: [{ module: 'internal' }] },
            { subjects: ['x.example.com'] },
          ],
        },
      },
    },
  });
  expect(caddyConfig(all, [], LISTENS)).toEqual(theirs);
});

test('the longer path comes first, and a domain before one with a star; without replicas it says so', () => {
  const config = caddyConfig(null, [route({ domain: '*.example.com' }), route(), route({ path: '/api/', upstreams: [] })], LISTENS);
  const [first, second, third] = JSON.parse(JSON.stringify(config)).apps.http.servers.berth.routes;
  expect(first).toMatchObject({ match: [{ path: ['/api', '/api/*'] }], handle: [{ handler: 'static_response', status_code: 503 }] });
  expect(second.match).toEqual([{ host: ['app.example.com'] }]);
  expect(third.match).toEqual([{ host: ['*.example.com'] }]);
});

test('the same routes in another order are the same configuration', () => {
  const routes = [route(), route({ domain: 'b.example.com' }), route({ path: '/x' })];
  expect(caddyConfig(null, routes, LISTENS)).toEqual(caddyConfig(null, routes.toReversed(), LISTENS));
});
