import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCron } from './cron-times.ts';
import { lastUntil } from './last-until.ts';
import { type ActiveRun, MOST_COUNTED, planStart, type StartInput, type StartPlan } from './plan-start.ts';

const cronOf = (cron: string, timeZone = 'UTC') => {
  const read = readCron(cron, timeZone);
  if (!read.ok) throw new Error(read.message);
  return read.after;
};

const input = (change: Partial<StartInput> = {}): StartInput => ({
  now: new Date('2026-11-26T12:00:00.020Z'),
  nextAt: new Date('2026-11-26T12:00:00Z'),
  after: cronOf('*/5 * * * *'),
  timeZone: 'UTC',
  overlap: 'forbid',
  startingDeadlineSeconds: 60,
  active: [],
  ...change,
});
const active = (change: Partial<ActiveRun> = {}): ActiveRun => ({
  id: 'run_1',
  scheduledAt: new Date('2026-11-26T11:55:00Z'),
  createdAt: new Date('2026-11-26T11:55:00Z'),
  ending: false,
  ...change,
});

describe('a schedule', () => {
  it('does nothing before its time', () => {
    expect(planStart(input({ now: new Date('2026-11-26T11:59:59.999Z') }))).toBeNull();
  });

  it('starts a run at its time, and has another one next', () => {
    expect(planStart(input())).toEqual({
      scheduledAt: new Date('2026-11-26T12:00:00Z'),
      outcome: 'started',
      replace: [],
      missed: 0,
      nextAt: new Date('2026-11-26T12:05:00Z'),
      message: 'started for 12:00',
    });
  });

  it('leaves a start out while the run before is there, where it forbids another', () => {
    expect(planStart(input({ active: [active()] }))).toMatchObject({
      outcome: 'skipped',
      replace: [],
      message: 'the start of 12:00 was left out: the run of 11:55 is still there',
    });
  });

  it('stops the run before for the new one, where it replaces', () => {
    const plan = planStart(
      input({ overlap: 'replace', active: [active({ id: 'run_2' }), active(), active({ id: 'run_0', ending: true })] }),
    );
    expect(plan).toMatchObject({
      outcome: 'started',
      replace: ['run_1', 'run_2'],
      message: 'started for 12:00 in the place of the run of 11:55',
    });
  });

  it('starts beside others, where it allows that', () => {
    expect(planStart(input({ overlap: 'allow', active: [active()] }))).toMatchObject({ outcome: 'started', replace: [] });
  });

  it('makes up for the last time that passed, within its deadline, and counts those before', () => {
    expect(planStart(input({ now: new Date('2026-11-26T12:11:00Z') }))).toMatchObject({
      scheduledAt: new Date('2026-11-26T12:10:00Z'),
      outcome: 'started',
      missed: 2,
      nextAt: new Date('2026-11-26T12:15:00Z'),
      message: 'started for 12:10; 2 before it were missed',
    });
  });

  it('says what it missed where the deadline is over', () => {
    expect(planStart(input({ now: new Date('2026-11-26T12:11:01Z') }))).toMatchObject({
      outcome: 'missed',
      missed: 2,
      message:
        'the start of Thu 2026-11-26 12:10 UTC was missed: nothing was up until 61 s later, and it could wait 60 s; 2 before it were missed',
    });
  });

  it('of every second finds the last one of a month at once', () => {
    const plan = planStart(input({ after: cronOf('* * * * * *'), now: new Date('2026-12-26T12:00:00.500Z') }));
    expect(plan).toMatchObject({ scheduledAt: new Date('2026-12-26T12:00:00Z'), outcome: 'started', missed: MOST_COUNTED });
  });

  const anyInput = fc
    .record({
      cron: fc.constantFrom('* * * * * *', '*/7 * * * *', '30 2 * * *', '0 0 29 2 *', '0 9 * * mon', '15,45 0-6/2 * * *', '* * 3 * * *'),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata'),
      overlap: fc.constantFrom('allow' as const, 'forbid' as const, 'replace' as const),
      startingDeadlineSeconds: fc.integer({ min: 1, max: 86_400 }),
      // Over both changes of the clocks of Berlin.
      from: fc.integer({ min: Date.UTC(2026, 2, 1) / 1000, max: Date.UTC(2026, 10, 1) / 1000 }),
      lateMs: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 40 * 86_400_000 })),
      runs: fc.array(fc.record({ ending: fc.boolean(), minutes: fc.integer({ min: 0, max: 600 }) }), { maxLength: 5 }),
    })
    .map(({ cron, timeZone, overlap, startingDeadlineSeconds, from, lateMs, runs }): StartInput => {
      const after = cronOf(cron, timeZone);
      const nextAt = after(new Date(from * 1000)) ?? new Date(from * 1000);
      return {
        now: new Date(nextAt.getTime() + lateMs),
        nextAt,
        after,
        timeZone,
        overlap,
        startingDeadlineSeconds,
        active: runs.map(({ ending, minutes }, index) =>
          active({ id: `run_${index}`, ending, scheduledAt: null, createdAt: new Date(nextAt.getTime() - minutes * 60_000) }),
        ),
      };
    });
  const planned = (of: StartInput): StartPlan => {
    const plan = planStart(of);
    if (!plan) throw new Error('nothing was due');
    return plan;
  };
  const holds = (check: (of: StartInput, plan: StartPlan) => void) =>
    fc.assert(
      fc.property(anyInput, (of) => {
        check(of, planned(of));
      }),
      { numRuns: 60 },
    );

  it('has nothing left to do once a plan is carried out', () => {
    holds((of, { nextAt }) => expect(nextAt === null || planStart({ ...of, nextAt })).toSatisfy((rest) => rest === null || rest === true));
  });

  it('is about the last time that has come, and goes on after now', () => {
    holds((of, { scheduledAt, nextAt }) => {
      expect(scheduledAt >= of.nextAt && scheduledAt <= of.now).toBe(true);
      expect(nextAt === null || nextAt > of.now).toBe(true);
      expect(of.after(scheduledAt)).toEqual(nextAt);
    });
  });

  it('starts nothing after its deadline, and nothing beside another one that it forbids', () => {
    holds((of, { outcome, scheduledAt, replace }) => {
      const late = (of.now.getTime() - scheduledAt.getTime()) / 1000 > of.startingDeadlineSeconds;
      expect(outcome === 'missed').toBe(late);
      if (of.overlap === 'forbid' && of.active.length > 0) expect(outcome).not.toBe('started');
      if (outcome !== 'started') expect(replace).toEqual([]);
      else if (of.overlap === 'replace') {
        expect(replace).toEqual(of.active.filter(({ ending }) => !ending).map(({ id }) => id));
      } else expect(replace).toEqual([]);
    });
  });

  it('does not mind the order in which its runs are named', () => {
    holds((of, plan) => expect(planned({ ...of, active: [...of.active].reverse() })).toEqual(plan));
  });
});

it('the last of many times is the one that a walk would find', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5_000 }), fc.constantFrom('*/3 * * * * *', '* * * * *', '5 4 * * * *'), (seconds, cron) => {
      const after = cronOf(cron, 'Europe/Berlin');
      const first = after(new Date('2026-10-25T00:00:00Z'));
      if (!first) throw new Error('no time');
      const until = new Date(first.getTime() + seconds * 1000 + 400);
      let walked = first;
      for (let next = after(first); next !== null && next <= until; next = after(next)) walked = next;
      expect(lastUntil(after, first, until)).toEqual(walked);
    }),
    { numRuns: 20 },
  );
});
