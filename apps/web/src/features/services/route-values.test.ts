import { expect, it } from 'vitest';
import { addressOf } from './route-values.ts';

it('a domain is reached by https unless it is without TLS; many domains at once have no address', () => {
  expect(addressOf({ domain: 'a.example.com', port: 80 })).toBe('https://a.example.com/');
  expect(addressOf({ domain: 'a.example.com', path: '/api', port: 80, tls: 'internal' })).toBe('https://a.example.com/api');
  expect(addressOf({ domain: 'a.example.com', port: 80, tls: 'off' })).toBe('http://a.example.com/');
  expect(addressOf({ domain: '*.example.com', port: 80 })).toBeNull();
});
