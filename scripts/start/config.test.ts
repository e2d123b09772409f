import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

describe("the launcher's configuration", () => {
  it('needs nothing', () => {
    const config = readConfig({});
    expect(config).toMatchObject({ PORT: 3000, HOST: '127.0.0.1', url: 'http://127.0.0.1:3000' });
    expect(config.BERTH_HOME).toMatch(/\/\.berth$/);
  });

  it('takes empty variables for absent ones', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '' }).DATABASE_URL).toBeUndefined();
  });

  it('names every variable that is wrong, and only those', () => {
    const read = () => readConfig({ PORT: '70000', DATABASE_URL: 'mysql://db', BERTH_ENGINE: 'docker', HOST: '0.0.0.0' });
    expect(read).toThrow(/PORT must.*\n.*DATABASE_URL must.*\n.*BERTH_ENGINE must/);
    expect(read).not.toThrow(/HOST must/);
  });

  it('tells browsers and agents the public address', () => {
    expect(readConfig({ PUBLIC_URL: 'https://berth.example.com/' }).url).toBe('https://berth.example.com');
  });
});
