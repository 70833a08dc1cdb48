/** Where each heading and each panel of a dashboard stands, on Grafana's grid of 24 columns. */
import type { Dashboard, Panel } from './dashboard.ts';

export const COLUMNS = 24;

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export type Placed =
  | { readonly heading: string; readonly place: Place }
  | { readonly panel: Panel; readonly place: Place };

/** In the order in which they are read. Panels of a row share its width; what does not divide goes to the first ones. */
export function placed({ chapters }: Dashboard): readonly Placed[] {
  const all: Placed[] = [];
  let y = 0;
  for (const { title, rows } of chapters) {
    all.push({ heading: title, place: { x: 0, y, w: COLUMNS, h: 1 } });
    y += 1;
    for (const { height, panels } of rows) {
      let x = 0;
      panels.forEach((panel, index) => {
        const w = Math.ceil((COLUMNS - x) / (panels.length - index));
        all.push({ panel, place: { x, y, w, h: height } });
        x += w;
      });
      y += height;
    }
  }
  return all;
}
