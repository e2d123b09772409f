/** The floor: the Engine API called directly, with nothing between. It does what a run is: create, attach, start, wait. */
import { finished } from 'node:stream/promises';
import Docker from 'dockerode';

export class RawEngine {
  readonly #docker: Docker;

  constructor(socketPath: string) {
    this.#docker = new Docker({ socketPath });
  }

  /** "Docker Engine 20.10.24 (API 1.41)" */
  async version(): Promise<string> {
    const { Version, ApiVersion } = await this.#docker.version();
    return `Docker Engine ${Version} (API ${ApiVersion})`;
  }

  /** Runs `count` containers, at most `parallel` at a time, and returns the milliseconds until the last one exited. They are removed afterwards. */
  async makespan(image: string, count: number, parallel: number): Promise<number> {
    const made: Docker.Container[] = [];
    const start = performance.now();
    let next = 0;
    const lane = async () => {
      while (next < count) {
        next++;
        made.push(await this.#runOne(image));
      }
    };
    await Promise.all(Array.from({ length: parallel }, lane));
    const elapsed = performance.now() - start;
    for (const container of made) await container.remove({ force: true });
    return elapsed;
  }

  /** Containers on it, running or not. */
  async count(): Promise<number> {
    return (await this.#docker.info()).Containers;
  }

  async #runOne(image: string): Promise<Docker.Container> {
    const container = await this.#docker.createContainer({ Image: image });
    const output = await container.attach({ stream: true, stdout: true, stderr: true });
    output.resume();
    const exit = container.wait();
    await container.start();
    const [{ StatusCode }] = await Promise.all([exit, finished(output, { writable: false })]);
    if (StatusCode !== 0) throw new Error(`a raw container exited with ${StatusCode}`);
    return container;
  }
}
