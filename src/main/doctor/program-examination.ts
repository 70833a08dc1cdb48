/** The program itself: which one it is, and the Node that it runs on. */
import { VERSION } from '../version.ts';
import { bad, type Examination, type Finding, ok } from './finding.ts';

const PROGRAM = 'program';
const NODE_MAJOR_MIN = 24;

export const examineProgram: Examination = async () => [judgeNode(process.versions.node)];

export function judgeNode(version: string): Finding {
  const says = `itirp ${VERSION} on Node ${version}`;
  if (Number.parseInt(version, 10) >= NODE_MAJOR_MIN) return ok(PROGRAM, says);
  return bad(PROGRAM, says, `Node ${NODE_MAJOR_MIN} or newer is needed: \`npm ci\` brings one along`);
}
