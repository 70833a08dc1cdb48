/** The firm's limits out of the way for a while: a load is to meet the machine, not the risk manager. */
import type { Control, Credentials, Limits } from './control.ts';

/** Each is weighed all the same. */
const MOST = 90_000_000_000;
const RAISED: Limits = {
  max_position_size: MOST,
  max_daily_volume: MOST,
  max_net_exposure: MOST,
  max_gross_exposure: MOST,
};

/**
 * Raises them as `riskManager`. Resolves with how to put them back as they were.
 * @throws Fault CREDENTIALS_INVALID, PERMISSION_DENIED, LOAD_TARGET_FAILED
 */
export async function raiseLimits(control: Control, riskManager: Credentials): Promise<() => Promise<void>> {
  const { access } = await control.logIn(riskManager);
  const { max_position_size, max_daily_volume, max_net_exposure, max_gross_exposure } =
    await control.limits(access);
  await control.setLimits(access, RAISED);
  return async () => {
    const { access: later } = await control.logIn(riskManager); // the first token may be over by then
    const before = { max_position_size, max_daily_volume, max_net_exposure, max_gross_exposure };
    await control.setLimits(later, before);
  };
}
