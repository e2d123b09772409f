import { expect, it } from 'vitest';
import { nameOfActor } from './actor.ts';

it('people are named by their address, and programs by their token', () => {
  expect(nameOfActor('user:ada@example.com')).toBe('ada@example.com');
  expect(nameOfActor('token:ci')).toBe('the token ci');
  expect(nameOfActor('the schedule nightly')).toBe('the schedule nightly');
});
