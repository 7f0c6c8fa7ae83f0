-- up

-- words finds the bodies that were kept by what they say. It holds no text, only
-- where each word stands; search.go says what it is given. unindexed are the
-- bodies that it does not have yet: those of before, and the newest. The
-- triggers keep both in step with the bodies, whoever deletes them.
CREATE VIRTUAL TABLE words USING fts5(text, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
CREATE TABLE unindexed (id INTEGER PRIMARY KEY);
INSERT INTO unindexed SELECT id FROM bodies;

-- Most exchanges have no error, and this costs them nothing.
CREATE INDEX exchanges_error ON exchanges (id) WHERE error IS NOT NULL;

CREATE TRIGGER bodies_kept AFTER INSERT ON bodies BEGIN
	INSERT OR IGNORE INTO unindexed VALUES (new.id);
END;

CREATE TRIGGER bodies_gone AFTER DELETE ON bodies BEGIN
	DELETE FROM unindexed WHERE id = old.id;
	DELETE FROM words WHERE rowid = old.id;
END;

PRAGMA user_version = 4;

-- down
DROP TRIGGER bodies_gone;
DROP TRIGGER bodies_kept;
DROP INDEX exchanges_error;
DROP TABLE unindexed;
DROP TABLE words;
PRAGMA user_version = 3;
