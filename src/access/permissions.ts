/** Who may do what: roles are sets of permissions, not a ladder, so that duties stay apart. */

export type Role = 'TRADER' | 'RISK_MANAGER' | 'COMPLIANCE' | 'ADMIN';
export type Permission =
  | 'EndOwnSession'
  | 'PlaceOrder'
  | 'CancelOwnOrder'
  | 'CancelAnyOrder'
  | 'ReadOwnOrders'
  | 'ReadAllOrders'
  | 'ReadRisk'
  | 'ReadLimits'
  | 'SetLimits'
  | 'EngageKillSwitch'
  | 'ReleaseKillSwitch'
  | 'ReadAudit'
  | 'ReadMetrics';

/** Who trades sets no limits, who sets limits does not trade, and who audits changes nothing but can stop it all. */
export const PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  TRADER: new Set([
    'EndOwnSession',
    'PlaceOrder',
    'CancelOwnOrder',
    'ReadOwnOrders',
    'ReadRisk',
    'ReadMetrics',
  ]),
  RISK_MANAGER: new Set([
    'EndOwnSession',
    'ReadOwnOrders',
    'ReadAllOrders',
    'ReadRisk',
    'ReadLimits',
    'SetLimits',
    'EngageKillSwitch',
    'ReleaseKillSwitch',
    'ReadMetrics',
  ]),
  COMPLIANCE: new Set([
    'EndOwnSession',
    'ReadOwnOrders',
    'ReadAllOrders',
    'ReadRisk',
    'ReadLimits',
    'EngageKillSwitch',
    'ReadAudit',
    'ReadMetrics',
  ]),
  ADMIN: new Set([
    'EndOwnSession',
    'PlaceOrder',
    'CancelOwnOrder',
    'CancelAnyOrder',
    'ReadOwnOrders',
    'ReadAllOrders',
    'ReadRisk',
    'ReadLimits',
    'SetLimits',
    'EngageKillSwitch',
    'ReleaseKillSwitch',
    'ReadAudit',
    'ReadMetrics',
  ]),
};

/** What can only stop or end something: it is let through also where nobody can say whether the user was disabled. */
export const HARMLESS: ReadonlySet<Permission> = new Set([
  'EndOwnSession',
  'CancelOwnOrder',
  'CancelAnyOrder',
  'EngageKillSwitch',
]);

export const ROLES = Object.keys(PERMISSIONS) as readonly Role[];

/** The role of that name; undefined where there is none. */
export const roleNamed = (name: string): Role | undefined => ROLES.find((role) => role === name);
