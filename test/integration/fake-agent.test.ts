import { describeAgentContract } from '../fakes/agent-contract.ts';
import { openSimulatedStage } from '../fakes/simulated-stage.ts';

describeAgentContract('a simulated agent keeps the contract of an agent', openSimulatedStage);
