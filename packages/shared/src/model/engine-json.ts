/** Of the engine's JSON of a container, what Berth looks at. A part that is absent or of another kind is null: engines differ. */
import { z } from 'zod';

const maybe = <T extends z.ZodType>(schema: T) => schema.nullish().catch(null);
const text = maybe(z.string());
const number = maybe(z.number());
const flag = maybe(z.boolean());
const words = maybe(z.union([z.array(z.string()), z.string().transform((word) => [word])]));
const texts = maybe(z.record(z.string(), z.string()));
const bindings = maybe(z.record(z.string(), z.array(z.object({ HostIp: text, HostPort: text })).nullable()));

const healthcheck = z.object({ Test: words, Interval: number, Timeout: number, Retries: number, StartPeriod: number });
const network = z.object({ Aliases: words, IPAddress: text, GlobalIPv6Address: text, Gateway: text, MacAddress: text });
const mount = z.object({ Type: text, Name: text, Source: text, Destination: z.string(), RW: flag });

export const engineJsonSchema = z.object({
  Id: text,
  Name: text,
  Image: text,
  RestartCount: number,
  State: maybe(z.object({ Status: text, Running: flag, Pid: number })),
  Config: maybe(
    z.object({
      Hostname: text,
      User: text,
      Env: words,
      Cmd: words,
      Entrypoint: words,
      WorkingDir: text,
      StopSignal: text,
      Tty: flag,
      OpenStdin: flag,
      StdinOnce: flag,
      Labels: texts,
      Volumes: maybe(z.record(z.string(), z.unknown())),
      Healthcheck: maybe(healthcheck),
    }),
  ),
  HostConfig: maybe(
    z.object({
      Memory: number,
      MemorySwap: number,
      NanoCpus: number,
      CpuQuota: number,
      CpuShares: number,
      CpusetCpus: text,
      PidsLimit: number,
      Init: flag,
      Privileged: flag,
      ReadonlyRootfs: flag,
      Tmpfs: texts,
      ExtraHosts: words,
      CapAdd: words,
      CapDrop: words,
      RestartPolicy: maybe(z.object({ Name: text })),
      PortBindings: bindings,
    }),
  ),
  Mounts: maybe(z.array(mount)),
  NetworkSettings: maybe(z.object({ Ports: bindings, Networks: maybe(z.record(z.string(), network)) })),
});
export type EngineJson = z.infer<typeof engineJsonSchema>;
