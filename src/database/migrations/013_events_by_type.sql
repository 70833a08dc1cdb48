-- harmless: no query asks by the type of an event alone, in this release or in one before.
-- A fifth of what a row of the audit trail costs was this index: it has as many places to write to as there are types.
-- Who wants the events of a type gives a range of time, which is how the rows lie.
drop index events_event_type;
