-- The shards that the firm's first limits were dealt to. One that is added later has no limits until somebody sets them.
alter table deployment add column founders text[];
update deployment set founders = shards;
