-- up

-- times say when each piece of a response left: two varints for each, its length
-- in bytes and the microseconds since the one before. NULL is of bodies that were
-- kept before there were times.
ALTER TABLE bodies ADD COLUMN times BLOB;

PRAGMA user_version = 5;

-- down
ALTER TABLE bodies DROP COLUMN times;
PRAGMA user_version = 4;
