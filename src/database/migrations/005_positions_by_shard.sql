-- Each shard keeps its own positions: another SHARD on the same database begins flat, not with the first one's rows.
alter table positions add column shard varchar;
update positions set shard = (select min(shard) from projection_positions); -- there was room for one
delete from positions where shard is null;
alter table positions alter column shard set not null;
alter table positions drop constraint positions_pkey;
alter table positions add primary key (shard, account, symbol);
