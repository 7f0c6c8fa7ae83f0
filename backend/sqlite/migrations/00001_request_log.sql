-- up

-- traits are the words that many exchanges share, written once for all of
-- them, so that a row of exchanges is a few numbers.
CREATE TABLE traits (
	id             INTEGER PRIMARY KEY,
	client         TEXT    NOT NULL,
	key            TEXT    NOT NULL,
	dialect        TEXT    NOT NULL,
	path           TEXT    NOT NULL,
	stream         INTEGER NOT NULL,
	asked          TEXT    NOT NULL,
	served         TEXT    NOT NULL,
	provider       TEXT    NOT NULL,
	account        TEXT    NOT NULL,
	account_id     INTEGER NOT NULL,
	lane           TEXT    NOT NULL,
	status         INTEGER NOT NULL,
	error_kind     TEXT    NOT NULL,
	finish         TEXT    NOT NULL,
	attempt_reason TEXT    NOT NULL
);

-- Times are microseconds, start since 1970; an unknown token count is NULL.
-- The attempt_ columns are of the only attempt of an exchange that went well
-- at the first try; attempts has them all, as JSON, of every other one.
CREATE TABLE exchanges (
	id               INTEGER PRIMARY KEY,
	traits           INTEGER NOT NULL REFERENCES traits (id),
	start            INTEGER NOT NULL,
	tokens_in        INTEGER,
	tokens_out       INTEGER,
	tokens_cached    INTEGER,
	tokens_reasoning INTEGER,
	first_token      INTEGER NOT NULL,
	duration         INTEGER NOT NULL,
	own              INTEGER NOT NULL,
	bytes_in         INTEGER NOT NULL,
	bytes_out        INTEGER NOT NULL,
	attempt_start    INTEGER,
	attempt_header   INTEGER,
	attempt_duration INTEGER,
	error            TEXT,
	attempts         TEXT,
	notes            TEXT
);

-- packed is a set of bits: which of the three are compressed with zstd (1, 2,
-- 4), and which were cut at the user's limit (8, 16, 32).
CREATE TABLE bodies (
	id            INTEGER PRIMARY KEY REFERENCES exchanges (id),
	packed        INTEGER NOT NULL,
	request       BLOB,
	sent          BLOB,
	response      BLOB,
	response_type TEXT    NOT NULL
);

-- Equal to the number of this migration, as in every one.
PRAGMA user_version = 1;

-- down
DROP TABLE bodies;
DROP TABLE exchanges;
DROP TABLE traits;
PRAGMA user_version = 0;
