/** The news of a day, fact by fact: what is missing, told under two ids, or of nothing in the journal is seen. */
import { expect, test } from 'vitest';
import type { Announcement } from '../../../src/bus/announcer.ts';
import type { Position } from '../../../src/core/values/names.ts';
import { shardTag } from '../../../src/projections/event-ids.ts';
import { Messages } from '../../../src/publisher/messages.ts';
import { Standings } from '../../../src/publisher/standings.ts';
import type { Evidence } from '../checker/evidence.ts';
import { filled, goodDay, id } from '../checker/testing/story.ts';
import { NEWS_TOPICS, owedNews, ToldNews } from './owed-news.ts';

/** What the publisher itself makes of the journals. */
function published({ shards }: Evidence): readonly Announcement[] {
  const messages: Announcement[] = [];
  for (const { shard, batches } of shards) {
    const [writing, standings] = [new Messages(shard), new Standings()];
    for (const { firstPosition, entries } of batches) {
      let position: number = firstPosition;
      for (const entry of entries) {
        for (const event of entry.events) {
          const at = position++ as Position;
          standings.apply(event, at, (moment) => writing.tell(messages, entry, event, at, moment));
        }
      }
    }
  }
  return messages.filter(({ topic }) => NEWS_TOPICS.includes(topic));
}

function toldOf(messages: readonly Announcement[]): ToldNews {
  const told = new ToldNews();
  for (const { topic, body } of messages) told.note(topic, body.toString('utf8'));
  return told;
}

const missing = (evidence: Evidence, told: ToldNews): readonly string[] =>
  [...owedNews(evidence, 0)].filter((key) => !told.has(key));

test('what the publisher tells of a good day is what the journal owes, also when it is told twice', async () => {
  const evidence = await goodDay().evidence();
  const messages = published(evidence);
  const told = toldOf([...messages, ...messages.slice(-5)]);
  expect(missing(evidence, told)).toEqual([]);
  expect(told.strangersTo(evidence)).toEqual([]);
  expect(told.wrong).toEqual([]);
  expect(new Set([...owedNews(evidence, 0)].map((key) => key.split(' ')[0]))).toEqual(new Set(NEWS_TOPICS));
});

test.each(NEWS_TOPICS)('one message that is missing on %s is missed', async (topic) => {
  const evidence = await goodDay().evidence();
  const messages = published(evidence);
  const lost = messages.findLastIndex((message) => message.topic === topic);
  expect(missing(evidence, toldOf(messages.toSpliced(lost, 1)))).toEqual([
    expect.stringMatching(new RegExp(`^${topic} (left|right)@\\d+ [A-Z_]+$`)),
  ]);
});

test('a part is owed as a part, and the rest as the end of its order', async () => {
  const story = goodDay();
  const since = story.now;
  story.now += 1_000;
  story.write('left', id(4), filled(2, 'x-8', '1'), filled(2, 'x-9', '99'));
  const owed = [...owedNews(await story.evidence(), since + 500)];
  expect(owed.map((key) => key.replace(/ left@\d+/, ''))).toEqual([
    'audit.events ORDER_PARTIALLY_EXECUTED',
    'orders.executed ORDER_PARTIALLY_EXECUTED',
    'audit.events EXECUTION_COMPLETED',
    'orders.executed EXECUTION_COMPLETED',
  ]);
});

test('a message of nothing in the journal, one fact under two ids and two facts under one are wrong', async () => {
  const evidence = await goodDay().evidence();
  const [message] = published(evidence).filter(({ topic }) => topic === 'orders.created');
  const body = message?.body.toString('utf8') ?? '';
  const position = /"journal_position":(\d+)/.exec(body)?.[1];
  const told = new ToldNews();
  told.note('orders.created', body);
  told.note('orders.created', body.replace(/"id":"[^"]+"/, `"id":"${id(77)}"`));
  told.note('orders.created', body.replace(`"journal_position":${position}`, '"journal_position":1'));
  expect(told.wrong).toEqual([
    expect.stringMatching(/ORDER_CREATED has the ids .* and /),
    expect.stringMatching(/is the id of left@\d+ ORDER_CREATED and left@1 ORDER_CREATED/),
  ]);
  expect(shardTag('left')).not.toBe(shardTag('right'));
});
