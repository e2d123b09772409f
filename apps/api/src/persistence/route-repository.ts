/** Where the domains of all services lead to now: the ready replicas, by the addresses of their hosts and the ports that they publish. */
import type { PublishedPort } from '@berth/shared/model/run';
import type { Route } from '@berth/shared/model/service';
import { Injectable } from '@nestjs/common';
import type { ProxyRoute } from '../planning/proxy/caddy-config.ts';
import { Database } from './database.ts';

interface RouteRow {
  service_id: string;
  name: string;
  routes: Route[];
  ends: { address: string; ports: PublishedPort[] }[] | null;
}

@Injectable()
export class RouteRepository {
  constructor(private readonly database: Database) {}

  /** In a steady order. */
  async all(): Promise<ProxyRoute[]> {
    const { rows } = await this.database.sql.query<RouteRow>({
      name: 'routes-all',
      // OFFSET keeps Postgres from putting every attempt beside every host. A host's label says where it is reached where that is not where its agent dials from.
      text: `SELECT s.id AS service_id, s.name, s.spec->'routes' AS routes, e.ends
               FROM service s LEFT JOIN LATERAL (
                 SELECT json_agg(json_build_object('address', coalesce(h.labels->>'berth.address', h.address), 'ports', a.ports) ORDER BY r.id) AS ends
                   FROM (SELECT id, attempt_id, host_id FROM run
                          WHERE service_id = s.id AND deleted_at IS NULL AND ready_at IS NOT NULL AND leaving_at IS NULL AND desired = 'run'
                            AND phase = 'running' OFFSET 0) r
                  CROSS JOIN LATERAL (SELECT ports FROM attempt WHERE id = r.attempt_id OFFSET 0) a
                  CROSS JOIN LATERAL (SELECT labels, address, state FROM host WHERE id = r.host_id OFFSET 0) h
                  WHERE coalesce(h.labels->>'berth.address', h.address) IS NOT NULL AND h.state <> 'lost') e ON true
              WHERE s.deleted_at IS NULL AND jsonb_array_length(coalesce(s.spec->'routes', '[]')) > 0 ORDER BY s.id`,
    });
    return rows.flatMap(({ name, routes, ends }) =>
      routes.map(({ domain, path = '/', port, tls = 'auto' }) => ({
        domain,
        path,
        tls,
        serviceName: name,
        upstreams: (ends ?? []).flatMap(({ address, ports }) =>
          ports
            .filter(({ containerPort, protocol }) => containerPort === port && protocol === 'tcp')
            .map(({ hostPort }) => `${address.includes(':') ? `[${address}]` : address}:${hostPort}`),
        ),
      })),
    );
  }
}
