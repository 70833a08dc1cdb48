/** A dashboard as the file that Grafana reads: panels on its grid, variables, and a mark where a process started. */
import {
  type Dashboard,
  OF_DEPLOYMENT,
  type Panel,
  type Query,
  type Threshold,
  VARIABLES,
} from './dashboard.ts';
import { type Place, placed } from './grid.ts';

/** Grafana 10 and later read it as it is, and bring it up to their own. */
const SCHEMA_VERSION = 39;
/** Whichever Prometheus the reader picks; the provisioned one at first. */
const SOURCE = { type: 'prometheus', uid: '$datasource' };
/** When each process of ITIRP started: there a line is drawn through all panels. */
export const STARTS = `process_start_time_seconds{job="itirp", ${OF_DEPLOYMENT}}`;

export function grafanaFile(dashboard: Dashboard): string {
  const { uid, title, says } = dashboard;
  const panels = placed(dashboard).map((each, index) =>
    'panel' in each
      ? panelJson(each.panel, each.place, index + 1)
      : {
          id: index + 1,
          type: 'row',
          title: each.heading,
          gridPos: each.place,
          collapsed: false,
          panels: [],
        },
  );
  const document = {
    uid,
    title,
    description: says,
    tags: ['itirp'],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    graphTooltip: 1, // one cross hair through all panels
    refresh: '10s',
    time: { from: 'now-30m', to: 'now' },
    timezone: 'utc',
    links: [
      {
        type: 'dashboards',
        title: 'ITIRP',
        tags: ['itirp'],
        asDropdown: false,
        keepTime: true,
        includeVars: true,
      },
    ],
    templating: { list: [sourceVariable(), ...VARIABLES.map(variable)] },
    annotations: { list: [startMarks()] },
    panels,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

const sourceVariable = (): object => ({
  name: 'datasource',
  label: 'Prometheus',
  type: 'datasource',
  query: 'prometheus',
  current: { text: 'Prometheus', value: 'prometheus' },
  hide: 0,
});

type Variable = (typeof VARIABLES)[number];

const LABELS: Readonly<Record<Variable, string>> = {
  deployment: 'Deployment',
  shard: 'Shard',
  instance: 'Process',
};
/** Where Grafana finds what there is to choose from. */
const FOUND_IN: Readonly<Record<Variable, string>> = {
  deployment: 'up{job="itirp"}',
  shard: `journal_position{${OF_DEPLOYMENT}}`,
  instance: `up{job="itirp", ${OF_DEPLOYMENT}}`,
};

/** One deployment, the first at first; of its shards and processes one or several, all of them at first. */
function variable(name: Variable): object {
  const query = `label_values(${FOUND_IN[name]}, ${name})`;
  const isOne = name === 'deployment';
  const choice = isOne
    ? { multi: false, includeAll: false, current: {} }
    : { multi: true, includeAll: true, allValue: '.*', current: { text: ['All'], value: ['$__all'] } };
  return {
    name,
    label: LABELS[name],
    type: 'query',
    datasource: SOURCE,
    definition: query,
    query: { query, refId: name },
    refresh: 2, // when the span of time changes
    sort: 1,
    ...choice,
    hide: 0,
  };
}

const startMarks = (): object => ({
  name: 'Starts',
  datasource: SOURCE,
  enable: true,
  expr: `${STARTS} * 1000`, // it takes milliseconds
  useValueForTime: true,
  titleFormat: '{{instance}} started',
  iconColor: 'blue',
});

function panelJson(panel: Panel, place: Place, id: number): object {
  const { title, says, kind, queries } = panel;
  return {
    id,
    type: kind,
    title,
    description: says,
    gridPos: place,
    datasource: SOURCE,
    targets: queries.map((query, index) => targetJson(query, index, kind)),
    fieldConfig: { defaults: defaultsOf(panel), overrides: [] },
    options: optionsOf(kind),
  };
}

function targetJson({ expr, legend }: Query, index: number, kind: Panel['kind']): object {
  const isInstant = kind !== 'timeseries';
  return {
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    editorMode: 'code',
    expr,
    legendFormat: legend === '' ? '__auto' : legend,
    range: !isInstant,
    instant: isInstant,
  };
}

function defaultsOf(panel: Panel): object {
  const { kind, unit, min, max, words, thresholds = [], base = 'green' } = panel;
  const steps = [{ color: base, value: null }, ...thresholds.map(stepJson)];
  const isLine = kind === 'timeseries';
  return {
    unit,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    color: { mode: isLine ? 'palette-classic' : 'thresholds' },
    thresholds: { mode: 'absolute', steps },
    mappings: words === undefined ? [] : [mappingJson(words)],
    ...(isLine ? { custom: lineJson(panel) } : {}),
  };
}

const stepJson = ({ from, colour }: Threshold): object => ({ color: colour, value: from });

const mappingJson = (words: Readonly<Record<number, string>>): object => ({
  type: 'value',
  options: Object.fromEntries(Object.entries(words).map(([value, text], index) => [value, { text, index }])),
});

const lineJson = ({ isStacked = false, isLog = false, thresholds = [] }: Panel): object => ({
  drawStyle: 'line',
  lineWidth: 1,
  fillOpacity: isStacked ? 30 : 8,
  showPoints: 'never',
  spanNulls: false,
  scaleDistribution: isLog ? { type: 'log', log: 10 } : { type: 'linear' },
  stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
  thresholdsStyle: { mode: thresholds.length > 0 ? 'dashed' : 'off' },
});

function optionsOf(kind: Panel['kind']): object {
  const reduceOptions = { calcs: ['lastNotNull'], fields: '', values: false };
  if (kind === 'stat') return { reduceOptions, colorMode: 'value', graphMode: 'none', textMode: 'value' };
  if (kind === 'gauge') return { reduceOptions, showThresholdLabels: false, showThresholdMarkers: true };
  return {
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
    tooltip: { mode: 'multi', sort: 'desc' },
  };
}
