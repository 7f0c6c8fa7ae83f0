-- up

-- signatures are what Gemini signed its tool calls with, by the call's id: the
-- clients do not send them back. at is microseconds since 1970.
CREATE TABLE signatures (
	call      TEXT    PRIMARY KEY,
	at        INTEGER NOT NULL,
	signature TEXT    NOT NULL
);

PRAGMA user_version = 2;

-- down
DROP TABLE signatures;
PRAGMA user_version = 1;
