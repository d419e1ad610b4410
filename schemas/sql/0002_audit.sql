-- What was refused: one row per client, code and minute. Bounded by whoever writes it.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    minute TEXT NOT NULL,
    client TEXT NOT NULL,
    code   TEXT NOT NULL,
    count  INTEGER NOT NULL,
    last   TEXT NOT NULL,
    UNIQUE (minute, client, code)
);
