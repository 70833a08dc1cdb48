/** A command's way over the bus, measured from the API's side: until it is kept there, and until its answer is heard. */
import type { AnswerDesk } from '../bus/answer-desk.ts';
import type { CommandSender } from '../bus/commands.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** `sender`, of which each command that was kept is timed. */
export const timedSender = (sender: CommandSender, { busSend }: Pick<Metrics, 'busSend'>): CommandSender => ({
  send: async (dispatch) => {
    const begunMs = performance.now();
    await sender.send(dispatch);
    busSend.observe((performance.now() - begunMs) / 1000);
  },
});

/** `desk`, of which each answer that came is timed from when it was first waited for: right before its command is sent. */
export const timedAnswers = (
  desk: Pick<AnswerDesk, 'answerTo' | 'forget'>,
  { busAnswer }: Pick<Metrics, 'busAnswer'>,
): Pick<AnswerDesk, 'answerTo' | 'forget'> => ({
  // Not async: where too many wait already it throws at once, and the command is not sent.
  answerTo: (commandId, priority) => {
    const begunMs = performance.now();
    return desk.answerTo(commandId, priority).then((outcome) => {
      if (outcome !== undefined) busAnswer.observe((performance.now() - begunMs) / 1000);
      return outcome;
    });
  },
  forget: (commandId) => desk.forget(commandId),
});
