/** A handler for every step: forgetting one does not compile. Carrying out makes no choices. */
import type { Step, StepName, StepPayloads } from '../planner/model.ts';
import { doubt } from './doubt.ts';
import { abortPull, conclude, finish, forget, kill, remove, stop } from './finish.ts';
import { hold } from './hold.ts';
import { adopt, attach, create, start } from './launch.ts';
import { pull } from './pull.ts';
import type { StepResult, World } from './world.ts';

type Handlers = { [N in StepName]: (payload: StepPayloads[N], world: World) => Promise<StepResult> };

const HANDLERS: Handlers = { pull, abortPull, create, attach, start, doubt, adopt, conclude, stop, kill, hold, finish, remove, forget };

/** Never rejects: what a handler throws is a bug, and is told as one. */
export async function execute(step: Step, world: World): Promise<StepResult> {
  try {
    return await run(step.step, step, world);
  } catch (cause) {
    return { kind: 'bug', message: cause instanceof Error ? cause.message : String(cause), cause };
  }
}

function run<N extends StepName>(name: N, payload: StepPayloads[N], world: World): Promise<StepResult> {
  return HANDLERS[name](payload, world);
}
