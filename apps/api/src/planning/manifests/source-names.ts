/** "./app.env" and "app.env" are one file. */
export const normalized = (path: string) => path.replace(/^(?:\.\/)+/, '');
