import { at, test, expect } from './support/test.ts';
const TEXT = `name: shop
services:
  app:
    image: nginx:1.29
    restart: always
    ports: ["8088:80"]
    environment: { LEVEL: info, DATABASE_URL: "postgres://shop@db/shop" }
    depends_on: { db: { condition: service_healthy } }
    deploy: { replicas: 3, resources: { limits: { cpus: "0.5", memory: 256m } } }
  db:
    image: postgres:18
    restart: always
    healthcheck: { test: [CMD, pg_isready], interval: 5s }
`;
test('shots', async ({ page, stack }) => {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await page.goto(at(stack, '/apply'));
      const text = page.getByRole('textbox', { name: /Manifest/ });
      await page.screenshot({ path: `/tmp/wtm-shots/empty-${colorScheme}-${width}.png` });
      await text.fill(TEXT);
      await page.getByRole('button', { name: 'Plan' }).click();
      await expect(page.getByRole('region', { name: 'Plan' })).toBeVisible();
      await page.screenshot({ path: `/tmp/wtm-shots/plan-${colorScheme}-${width}.png`, fullPage: true });
      await text.fill(TEXT.replace('restart: always\n    ports', 'container_name: app\n    ports').replace('healthcheck', 'helthcheck'));
      await page.getByRole('button', { name: 'Plan' }).click();
      await expect(page.getByRole('list', { name: 'What is wrong' })).toBeVisible();
      await page.screenshot({ path: `/tmp/wtm-shots/wrong-${colorScheme}-${width}.png` });
    }
});
