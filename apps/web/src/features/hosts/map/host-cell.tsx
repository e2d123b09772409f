import type { HostCell } from '@berth/shared/model/host-map';
import { clsx } from 'clsx';
import { memo } from 'react';
import { paths } from '../../../lib/paths.ts';
import { StateShape } from '../../../ui/icons.tsx';
import { TONE_TEXT } from '../../../ui/state.ts';
import { type Colour, shareOf } from './host-cells.ts';
import { cellInWords, looksOf } from './host-words.ts';

interface HostCellProps {
  cell: HostCell;
  colour: Colour;
  workspace: string;
  /** The one cell that the tab key stops at. */
  stop: boolean;
}

/**
 * One host: its colour is the share, its border and its sign are the state. Its clicks and keys are the map's: a thousand listeners less.
 * It is drawn again only when something of this host has changed.
 */
export const HostCellView = memo(function HostCellView({ cell, colour, workspace, stop }: HostCellProps) {
  const share = shareOf(cell, colour);
  const look = looksOf(cell)[0];
  const plain = cell.state === 'ready' && cell.marks.length === 0;
  return (
    <td className="flex p-0">
      <a
        href={paths.host(workspace, cell.id)}
        data-host={cell.id}
        tabIndex={stop ? 0 : -1}
        aria-label={cellInWords(cell, colour)}
        className={clsx('host-cell', cell.state !== 'ready' && `host-cell-${cell.state}`, share === null && 'host-cell-unknown')}
        style={{ '--share': `${share ?? 0}%` }}
      >
        {!plain && look && (
          <span className={clsx('host-cell-sign', TONE_TEXT[look.tone])}>
            <StateShape shape={look.shape} size={10} />
          </span>
        )}
      </a>
    </td>
  );
});
