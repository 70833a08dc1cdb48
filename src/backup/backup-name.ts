/** A backup's name: whose it is and when it was taken, so that a list of names is a list of times. */

/** `itirp-main_desk-20260102T030405678Z.itirp-backup` */
const NAME = /^itirp-([A-Za-z0-9_]+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z\.itirp-backup$/;

/** A deployment as it stands in names. */
export const plainDeployment = (deployment: string): string =>
  deployment.replaceAll(/[^A-Za-z0-9_]/g, '_').slice(0, 60);

export function backupName(deployment: string, at: Date): string {
  return `itirp-${plainDeployment(deployment)}-${at.toISOString().replaceAll(/[-:.]/g, '')}.itirp-backup`;
}

/** Whose backup that is, as {@link plainDeployment} spells it; undefined where it is no backup's name. */
export const deploymentOf = (name: string): string | undefined => NAME.exec(name)?.[1];

/** When the backup of that name was taken, in UTC milliseconds; undefined where it is no backup's name. */
export function takenAt(name: string): number | undefined {
  const parts = NAME.exec(name);
  if (parts === null) return undefined;
  const [, , year, month, day, hour, minute, second, ms] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(time) ? undefined : time;
}
