import type { ReactElement } from "react";
import { Scrolling } from "../scrolling.js";
import { Pieces } from "./pieces.js";

interface TableProps {
  head: string[];
  rows: string[][];
  /** Whether more of it comes. */
  isGrowing: boolean;
}

export function Table({ head, rows, isGrowing }: TableProps): ReactElement {
  return (
    <Scrolling label="Table">
      <table>
        <thead>
          <tr>
            {head.map((cell, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the cells of a table have no other order
              <th key={at} scope="col">
                <Pieces text={cell} isGrowing={false} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <tr key={at}>
              {head.map((_, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <td key={column}>
                  <Pieces text={row[column] ?? ""} isGrowing={isGrowing && at === rows.length - 1} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  );
}
