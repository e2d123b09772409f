import { describeAgentContract } from '../fakes/agent-contract.ts';
import { openRealStage } from '../fakes/real-stage.ts';

describeAgentContract('the real agent on a real engine keeps the contract of an agent', openRealStage);
