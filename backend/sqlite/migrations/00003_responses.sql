-- up

-- responses are those of the Responses protocol, for clients that go on from one
-- by its id. at is microseconds since 1970; packed says which of input (1) and
-- body (2) are compressed with zstd; size is that of the two as they stand here.
CREATE TABLE responses (
	id           TEXT    PRIMARY KEY,
	key          TEXT    NOT NULL,
	previous     TEXT    NOT NULL,
	conversation TEXT    NOT NULL,
	at           INTEGER NOT NULL,
	packed       INTEGER NOT NULL,
	size         INTEGER NOT NULL,
	input        BLOB    NOT NULL,
	body         BLOB    NOT NULL
);
CREATE INDEX responses_conversation ON responses (conversation, at);

PRAGMA user_version = 3;

-- down
DROP TABLE responses;
PRAGMA user_version = 2;
