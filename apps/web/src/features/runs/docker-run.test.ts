import { createRunSchema } from '@berth/shared/model/run';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinWords, splitWords } from '../../lib/shell-words.ts';
import { looksLikeDockerRun, parseDockerRun } from './docker-run.ts';
import { FLAGS, SHORT_FLAGS } from './docker-run-flags.ts';

function runOf(line: string) {
  const parsed = parseDockerRun(line);
  if (!parsed.ok) throw new Error(parsed.problems.join(' '));
  return parsed.run;
}
function problemsOf(line: string): string {
  const parsed = parseDockerRun(line);
  return parsed.ok ? '' : parsed.problems.join('\n');
}

describe('a pasted docker run line', () => {
  it('of one image asks for that image', () => {
    expect(runOf('docker run hello-world')).toEqual({ spec: { image: 'hello-world' } });
  });

  it('with everything that Berth has fills everything', () => {
    const line = `$ sudo docker run -d --rm -it --name web -p 8080:80 -p 53/udp -e A=1 --env 'B=two words' -w /app -u 1000:1000 \\
      -m 512m --cpus=1.5 -l team=blue --label plain --entrypoint /bin/sh --stop-signal SIGINT --stop-timeout 30 --pull missing \\
      nginx:1.29 -c "echo hi; sleep 1"`;
    expect(runOf(line)).toEqual({
      metadata: { name: 'web', labels: { team: 'blue', plain: '' } },
      spec: {
        image: 'nginx:1.29',
        command: ['/bin/sh'],
        args: ['-c', 'echo hi; sleep 1'],
        env: { A: '1', B: 'two words' },
        workingDir: '/app',
        user: '1000:1000',
        ports: [
          { containerPort: 80, hostPort: 8080, protocol: 'tcp' },
          { containerPort: 53, protocol: 'udp' },
        ],
        resources: { cpu: '1.5', memory: '512Mi' },
        tty: true,
        stdin: true,
        stopSignal: 'SIGINT',
        stopGracePeriodSeconds: 30,
        pullPolicy: 'if-not-present',
      },
    });
  });

  it.each([
    [
      '-p 8000-8002:80-82',
      [
        { containerPort: 80, hostPort: 8000 },
        { containerPort: 81, hostPort: 8001 },
        { containerPort: 82, hostPort: 8002 },
      ],
    ],
    ['-p 0.0.0.0:8080:80/tcp', [{ containerPort: 80, hostPort: 8080 }]],
    ['-p [::]:8080:80', [{ containerPort: 80, hostPort: 8080 }]],
    ['-p 0.0.0.0::80', [{ containerPort: 80 }]],
    ['-p 3000-3001', [{ containerPort: 3000 }, { containerPort: 3001 }]],
  ])('reads %s', (flag, ports) => {
    expect(runOf(`docker run ${flag} nginx`).spec.ports).toEqual(ports.map((port) => ({ ...port, protocol: 'tcp' })));
  });

  it.each([
    ['-v /data', '--volume: a volume needs a name here'],
    ['-v Data:/data', '--volume: "Data" is neither an absolute path nor the name of a volume'],
    ['-v data:data', '--volume: "data" is not an absolute path.'],
    ['-v data:/data -v /srv:/data', '--volume: /data is named twice.'],
    ['--mount type=npipe,source=a,target=/a', '--mount: the type "npipe" is not supported'],
    ['--mount type=bind,source=a,target=/a', '--mount: "a" is not an absolute path.'],
    ['--mount source=a', '--mount: the target is missing'],
    ['--mount target=/a', '--mount: a volume needs a name here'],
    ['--mount source=a,target=/a,volume-driver=nfs', '--mount: the option "volume-driver" is not supported'],
    ['-v /data:/data:z', '--volume: the option "z" is not supported'],
    ['--gpus all', '--gpus: GPUs are not supported yet.'],
    ['--restart sometimes', '--restart: "sometimes" is none of no, on-failure, always and unless-stopped.'],
    ['--restart always:3', '--restart: only on-failure takes a number'],
    ['--health-interval soon', '--health-interval: "soon" is not a duration'],
    ['--network mine', '--network: networks of your own'],
    ['--security-opt seccomp=unconfined', '--security-opt: changing the isolation'],
    ['--env-file .env', '--env-file: the console cannot read a file'],
    ['-e HOME', '--env: "HOME" takes its value from your own shell'],
    ['-p 127.0.0.1:80:80', '--publish: an address to bind to (127.0.0.1) cannot be chosen yet'],
    ['-p 8000-8010:80', 'differ in length'],
    ['-p 80:80 -p 80:81', 'host port 80/tcp is named twice'],
    ['-p 70000:80', '"70000" is not a port'],
    ['-m 4m', '4m is too little'],
    ['--name Web', '"Web" is not a name here'],
    ['--frobnicate', 'docker run has no flag --frobnicate.'],
    ['-z', 'docker run has no flag -z.'],
    ['--rm=perhaps', '"perhaps" is neither true nor false'],
    ['-e A=$HOME', 'shell variable'],
  ])('refuses %s by name', (flag, sentence) => {
    expect(problemsOf(`docker run ${flag} nginx`)).toContain(sentence);
  });

  it('says all that is wrong at once', () => {
    expect(problemsOf('docker run -v a:b --gpus all nginx').split('\n')).toHaveLength(2);
  });

  it('takes a restart policy and a health check', () => {
    const line = "docker run --restart on-failure:5 --health-cmd 'curl -f localhost' --health-interval 1m30s --health-retries 2 nginx";
    expect(runOf(line)).toEqual({
      spec: {
        image: 'nginx',
        restart: { policy: 'on-failure', maxRetries: 5 },
        healthcheck: { command: ['/bin/sh', '-c', 'curl -f localhost'], intervalSeconds: 90, retries: 2 },
      },
    });
    expect(runOf('docker run --restart unless-stopped --no-healthcheck nginx')).toEqual({
      spec: { image: 'nginx', restart: { policy: 'always' }, healthcheck: { disabled: true } },
    });
  });

  it('takes a refused switch that is off, and the defaults of network and restart', () => {
    expect(runOf('docker run --privileged=false --network bridge --restart=no nginx')).toEqual({ spec: { image: 'nginx' } });
  });

  it('takes what opens the host: its folders, its network, its capabilities', () => {
    const line = 'docker run --privileged --net host --cap-add CAP_NET_ADMIN --cap-drop=all -v /srv/data:/data -v /etc/ssl:/ssl:ro nginx';
    expect(runOf(line).spec).toEqual({
      image: 'nginx',
      privileged: true,
      network: 'host',
      capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
      mounts: [
        { source: '/srv/data', target: '/data' },
        { source: '/etc/ssl', target: '/ssl', readOnly: true },
      ],
    });
  });

  it('takes volumes and folders of the host in both spellings', () => {
    const line =
      'docker run -v data:/data -v logs:/logs:ro --mount type=volume,source=cache,target=/cache --mount type=bind,src=/srv,dst=/srv,readonly nginx';
    expect(runOf(line).spec).toEqual({
      image: 'nginx',
      mounts: [{ source: '/srv', target: '/srv', readOnly: true }],
      volumes: [
        { volume: 'data', target: '/data' },
        { volume: 'logs', target: '/logs', readOnly: true },
        { volume: 'cache', target: '/cache' },
      ],
    });
  });

  it('leaves flags behind the image to the container', () => {
    expect(runOf('docker run alpine ls -v --gpus').spec.args).toEqual(['ls', '-v', '--gpus']);
    expect(runOf('docker run -- alpine -v').spec).toEqual({ image: 'alpine', args: ['-v'] });
  });

  it('drops the entrypoint of the image as Docker does', () => {
    expect(runOf('docker run --entrypoint "" nginx nginx -t').spec).toEqual({ image: 'nginx', command: ['nginx', '-t'] });
  });

  it.each([
    ['-it', { tty: true, stdin: true }],
    ['-i', { stdin: true, stdinOnce: true }],
    ['-id', { stdin: true }],
    ['--interactive=false', {}],
  ])('with %s has an input that can be ended just where docker gives it one', (flags, spec) => {
    expect(runOf(`docker run ${flags} alpine`).spec).toEqual({ image: 'alpine', ...spec });
  });

  it('without an image, or of another command, says so', () => {
    expect(problemsOf('docker run -d')).toContain('No image is named');
    expect(problemsOf('docker ps')).toContain('does not start with "docker run"');
    expect(problemsOf('docker run Nginx')).toContain('capital letters');
    expect(problemsOf("docker run 'nginx")).toContain('never closed');
    expect(problemsOf('docker run nginx | grep x')).toContain('is for a shell');
  });

  it('is told from other texts', () => {
    expect(looksLikeDockerRun('  docker run -p 80:80 nginx')).toBe(true);
    expect(looksLikeDockerRun('nginx')).toBe(false);
  });
});

describe('properties', () => {
  it('words survive being joined and split', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme-ascii' })), (words) => {
        expect(splitWords(joinWords(words))).toEqual({ ok: true, words });
      }),
      { numRuns: 500 },
    );
  });

  const word = fc.string({ unit: 'grapheme-ascii', maxLength: 12 });
  const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
  const port = fc.integer({ min: 1, max: 65_535 });
  const flag = fc.oneof(
    fc.tuple(
      fc.constantFrom('-e', '--env'),
      fc.tuple(name, word).map(([key, value]) => `${key}=${value}`),
    ),
    fc.tuple(
      fc.constantFrom('-l', '--label'),
      fc.tuple(name, word).map(([key, value]) => `${key}=${value}`),
    ),
    fc.tuple(
      fc.constantFrom('-p', '--publish'),
      fc.tuple(port, port).map(([host, container]) => `${host}:${container}`),
    ),
    fc.tuple(fc.constant('--name'), name),
    fc.tuple(
      fc.constantFrom('-w', '--workdir'),
      word.map((path) => `/${path}`),
    ),
    fc.tuple(
      fc.constantFrom('-m', '--memory'),
      fc.integer({ min: 6, max: 4096 }).map((mebibytes) => `${mebibytes}m`),
    ),
    fc.constantFrom(['-d'], ['--rm'], ['-t'], ['-i'], ['-it'], ['-dit']),
  );

  it('whatever is accepted is a valid request, and the arguments arrive as they were written', () => {
    fc.assert(
      fc.property(fc.array(flag), name, fc.array(word), (flags, image, args) => {
        const parsed = parseDockerRun(joinWords(['docker', 'run', ...flags.flat(), image, ...args]));
        if (!parsed.ok) {
          expect(parsed.problems.join()).toMatch(/named twice/); // the one way in which these can collide
          return;
        }
        expect(createRunSchema.safeParse(parsed.run).error).toBeUndefined();
        expect(parsed.run.spec.image).toBe(image);
        expect(parsed.run.spec.args ?? []).toEqual(args);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, and an answer is always a run or a reason', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const parsed = parseDockerRun(`docker run ${text}`);
        expect(parsed.ok || parsed.problems.length > 0).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('every flag is either mapped or refused with a sentence, and every short flag is a known one', () => {
    for (const [flagName, entry] of Object.entries(FLAGS)) {
      expect(entry?.as ?? entry?.refuse, flagName).toBeTruthy();
      if (entry?.refuse) expect(entry.refuse, flagName).toMatch(/\.$/);
    }
    for (const long of Object.values(SHORT_FLAGS)) expect(FLAGS[long ?? '']).toBeDefined();
  });
});
