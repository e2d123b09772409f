/** The parts of the agent, put together. */
import { randomUUID } from 'node:crypto';
import * as os from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { HostFacts } from '@berth/shared/model/host';
import { BERTH_VERSION } from '@berth/shared/model/version';
import { answerCall } from './calls/answer-call.ts';
import { Transfers } from './calls/transfers.ts';
import type { Config } from './config/env.ts';
import { connectDocker } from './engine/connect.ts';
import type { EngineEvent, EngineFacts } from './engine/container-engine.ts';
import { DockerEngine } from './engine/docker-engine.ts';
import { EngineWatch } from './engine/engine-watch.ts';
import { GuardedEngine } from './engine/guarded-engine.ts';
import type { AgentLog } from './log.ts';
import { SpoolRoom } from './logs/spool-room.ts';
import type { BundleFile } from './planner/choose-bundle.ts';
import { PolicyFile } from './policy/policy-file.ts';
import { PolicyWatch } from './policy/watch-policy.ts';
import { Reconciler } from './reconciler.ts';
import { SecretFiles, secretFolders } from './secrets/secret-files.ts';
import { Contact } from './session/contact.ts';
import { HostKey, isKeyCall } from './session/host-key.ts';
import { enrol, readIdentity } from './session/identity.ts';
import { Outbox } from './session/outbox.ts';
import { Session } from './session/session.ts';
import { makePrivateFolder } from './state/files.ts';
import { Ledger } from './state/ledger.ts';
import { Sampler } from './stats/sampler.ts';
import { Inputs } from './terminals/inputs.ts';
import { Terminals } from './terminals/terminals.ts';
import type { UpdateFolder } from './update/update-folder.ts';
import { Updater } from './update/updater.ts';

/** The engine's list of images is looked at so long after the last sign of a change. */
const IMAGES_DELAY_MS = 500;
const ENROL_RETRY_MS = 2000;

/** An end that only a person can mend: one sentence. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

export interface RunningAgent {
  /** Rejects with StoppedError where the api refuses this host; containers go on running. */
  refused: Promise<never>;
  /** Resolves when a new version of the agent waits to be tried: this one is to make way. */
  replaced: Promise<'replaced'>;
  stop(): Promise<void>;
}

/** The file that this process runs from, and what updates have left. */
export interface Bundles {
  own: BundleFile;
  folder: UpdateFolder;
}

function hostFacts(engine: EngineFacts | null): HostFacts {
  return {
    hostname: os.hostname(),
    platform: engine?.platform ?? `linux/${os.arch() === 'x64' ? 'amd64' : os.arch()}`,
    kernel: engine?.kernel ?? os.release(),
    engine: engine && { name: engine.name, version: engine.version, apiVersion: engine.apiVersion, id: engine.id },
    agentVersion: BERTH_VERSION,
    cpuMillis: engine?.cpuMillis ?? os.availableParallelism() * 1000,
    memoryBytes: engine?.memoryBytes ?? os.totalmem(),
  };
}

/** What would give a container the agent's key, other runs' secrets, or the engine itself. */
function guardedPaths({ home, engine }: Config, facts: EngineFacts | null, secrets: readonly string[]): string[] {
  const socket = engine.startsWith('unix://') ? [new URL(engine).pathname] : [];
  return [home, ...secrets, ...socket, facts?.dataFolder ?? '/var/lib/docker'];
}

async function identify(config: Config, key: HostKey, facts: HostFacts, log: AgentLog) {
  const known = await readIdentity(config.home);
  if (known) return known;
  if (!config.join) throw new StoppedError('This host is not enrolled yet: pass a join token with --join.');
  for (;;) {
    const result = await enrol({ url: config.url, home: config.home, joinToken: config.join, name: config.name, facts }, key.present);
    if (result.state === 'enrolled') return result.identity;
    if (result.state === 'refused') throw new StoppedError(`The api refused to enrol this host: ${result.message}`);
    log.warn('enrolling is not possible now', { why: result.message });
    await pause(ENROL_RETRY_MS * (0.5 + Math.random()));
  }
}

export async function startAgent(config: Config, log: AgentLog, bundles: Bundles): Promise<RunningAgent> {
  await makePrivateFolder(config.home);
  let facts: EngineFacts | null = null;
  const policy = new PolicyFile(config.policy, () => guardedPaths(config, facts, secretFolders(config.secretsFolder)));
  policy.read();
  const [key, docker] = await Promise.all([HostKey.open(config.home), connectDocker(config.engine)]);
  const unnamed = new DockerEngine(docker, '');
  const alive = await unnamed.answers();
  const firstFacts = alive.ok ? await unnamed.facts() : alive;
  const identity = await identify(config, key, hostFacts(firstFacts.ok ? firstFacts.value : null), log);
  log.info('this host is', { ...identity });
  const { hostId } = identity;
  const ledger = await Ledger.open(config.home, hostId, (why) =>
    log.error('the ledger cannot be written; nothing is started or confirmed until it can be', { why }),
  );
  const contact = await Contact.open(ledger.contact);
  const engine = new GuardedEngine(docker, hostId, policy, config.recordBytes);
  const outbox = new Outbox({
    delivered: (attemptId) => reconciler.delivered(attemptId),
    exitsStored: (attemptId, number) => reconciler.exitsStored(attemptId, number),
    unknown: (attemptId) => reconciler.delivered(attemptId),
  });
  const transfers = new Transfers();
  const terminals = new Terminals(engine);
  const inputs = new Inputs(engine, ledger);
  const secretFiles = new SecretFiles(hostId, config.secretsFolder);
  const spool = await SpoolRoom.open(config.home, config.spoolBytes);
  const reconciler = new Reconciler({
    engine,
    ledger,
    outbox,
    log,
    contact,
    secretFiles,
    spool,
    fenced: () => session.renew(),
    storedTails: (attemptId) => session.tails(attemptId),
  });

  let state = { ready: false, message: 'the container engine was not looked at yet' };
  let images: string[] = [];
  let imagesTimer: NodeJS.Timeout | null = null;
  const refused = Promise.withResolvers<never>();
  refused.promise.catch(() => undefined);

  const lookAtImages = async () => {
    imagesTimer = null;
    const listed = await engine.listImages();
    if (!listed.ok) return;
    images = listed.value;
    session.beat();
  };
  const policyWatch = new PolicyWatch(policy, (fault) => {
    if (fault === null) log.info('the policy has changed');
    else log.error('the policy allows nothing until it is mended', { why: fault });
    session.renew();
  });
  const updater = new Updater({
    url: config.url,
    ...bundles,
    onTrial: config.part === 'trial',
    isAllowed: () => policy.now().policy.updates,
    ended: () => session.renew(),
    log,
  });
  const session = new Session({
    url: config.url,
    hostId,
    key: () => key.present,
    instanceId: randomUUID(),
    outbox,
    log,
    view: {
      facts: () => hostFacts(facts),
      engine: () => state,
      images: () => images,
      generation: () => ledger.generation,
      now: () => contact.now(),
      policy: () => policyWatch.tell(),
      bundle: () => updater.tell(),
    },
    events: {
      welcome: (message) => {
        reconciler.welcomed(message);
        updater.connected().catch((error: unknown) => log.warn('that it reaches the api cannot be kept', { why: String(error) }));
      },
      assign: (message) => reconciler.assigned(message),
      call: async ({ attemptId, call }) => {
        if (isKeyCall(call)) return key.answer(call, hostId, () => session.renew());
        if (call.name === 'agent.update') return updater.answer(call);
        return answerCall(attemptId, call, {
          engine,
          transfers,
          terminals,
          inputs,
          assignment: ledger.assignments.get(attemptId),
        });
      },
      heard: (saidAt) => reconciler.heard(saidAt),
      watch: ({ attemptIds, leaseSeconds }) => sampler.watch(attemptIds, leaseSeconds),
      refused: ({ message }) => refused.reject(new StoppedError(`The api refused this host: ${message}`)),
    },
  });
  const sampler = new Sampler({ engine, containers: () => reconciler.containers(), send: (samples) => session.stats(samples) });
  const watch = new EngineWatch(engine, {
    ready: (found) => {
      const news = JSON.stringify(hostFacts(found)) !== JSON.stringify(hostFacts(facts));
      facts = found;
      state = { ready: true, message: 'ready' };
      log.info('the container engine is ready', { version: found.version });
      reconciler.engineReady();
      void lookAtImages();
      // Facts travel in the handshake only.
      if (news) session.renew();
    },
    lost: (message) => {
      if (state.ready) log.warn(message);
      state = { ready: false, message };
      reconciler.engineLost();
      session.beat();
    },
    event: (event: EngineEvent) => {
      if (event.type === 'images') imagesTimer ??= setTimeout(() => void lookAtImages(), IMAGES_DELAY_MS);
      else reconciler.engineEvent(event);
    },
  });
  await watch.start();
  await lookAtImages();
  session.open();

  return {
    refused: refused.promise,
    replaced: updater.fetched.then(() => 'replaced'),
    stop: async () => {
      policyWatch.close();
      sampler.close();
      terminals.close();
      inputs.close();
      reconciler.close();
      session.close();
      outbox.close();
      watch.stop();
      if (imagesTimer) clearTimeout(imagesTimer);
      await ledger.close();
    },
  };
}
