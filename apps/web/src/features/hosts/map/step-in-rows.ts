/** Where a key leads in a grid whose rows may be of unequal length; null where it leads nowhere. Pure. */
export function stepInRows(rows: readonly (readonly { id: string }[])[], from: string, key: string, ctrl: boolean): string | null {
  const row = rows.findIndex((line) => line.some(({ id }) => id === from));
  const line = rows[row];
  if (!line) return null;
  const column = line.findIndex(({ id }) => id === from);
  const inRow = (to: number) => {
    const other = rows[to];
    return other?.[Math.min(column, other.length - 1)]?.id ?? null;
  };
  switch (key) {
    case 'ArrowRight':
      return line[column + 1]?.id ?? rows[row + 1]?.[0]?.id ?? null;
    case 'ArrowLeft':
      return line[column - 1]?.id ?? rows[row - 1]?.at(-1)?.id ?? null;
    case 'ArrowDown':
      return inRow(row + 1);
    case 'ArrowUp':
      return inRow(row - 1);
    case 'PageDown':
      return inRow(Math.min(rows.length - 1, row + ROWS_A_PAGE));
    case 'PageUp':
      return inRow(Math.max(0, row - ROWS_A_PAGE));
    case 'Home':
      return (ctrl ? rows[0] : line)?.[0]?.id ?? null;
    case 'End':
      return (ctrl ? rows.at(-1) : line)?.at(-1)?.id ?? null;
    default:
      return null;
  }
}

const ROWS_A_PAGE = 10;
