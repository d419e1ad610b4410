-- The first shape of the store: history, its projections, idempotency, files.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- The history. Appended once, never changed; `seq` is contiguous per campaign, `gseq` over the store.
CREATE TABLE event (
    gseq     INTEGER PRIMARY KEY,
    id       TEXT NOT NULL,
    campaign TEXT NOT NULL,
    seq      INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    proposal TEXT NOT NULL,
    cause    TEXT NOT NULL,
    time     TEXT NOT NULL,
    body     TEXT NOT NULL,
    chain    TEXT NOT NULL,
    UNIQUE (campaign, seq)
);
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;

CREATE TABLE campaign (
    name   TEXT PRIMARY KEY,
    record TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE proposal (
    id       TEXT PRIMARY KEY,
    campaign TEXT NOT NULL,
    state    TEXT NOT NULL,
    wire     TEXT NOT NULL,
    record   TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX proposal_of_campaign ON proposal (campaign, id);

-- What workers reported, also what was held back; never deleted.
CREATE TABLE result (
    id       TEXT PRIMARY KEY,
    proposal TEXT NOT NULL,
    attempt  INTEGER NOT NULL,
    client   TEXT NOT NULL,
    cmd_id   TEXT NOT NULL,
    held     INTEGER NOT NULL,
    record   TEXT NOT NULL,
    time     TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX result_of_proposal ON result (proposal, attempt);

-- Clusters found that nobody proposed: past notebooks, and what an analogue turned out to be.
CREATE TABLE observation (
    id       TEXT PRIMARY KEY,
    campaign TEXT NOT NULL,
    record   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE blob (
    sha256 TEXT PRIMARY KEY,
    length INTEGER NOT NULL,
    name   TEXT NOT NULL,
    type   TEXT NOT NULL,
    time   TEXT NOT NULL
) WITHOUT ROWID;

-- One row per accepted state-changing command: the audit trail and the stored reply.
CREATE TABLE command (
    client TEXT NOT NULL,
    cmd_id TEXT NOT NULL,
    kind   TEXT NOT NULL,
    hash   TEXT NOT NULL,
    reply  TEXT NOT NULL,
    time   TEXT NOT NULL,
    PRIMARY KEY (client, cmd_id)
) WITHOUT ROWID;

CREATE TABLE alarm (
    id       TEXT PRIMARY KEY,
    campaign TEXT NOT NULL,
    text     TEXT NOT NULL,
    time     TEXT NOT NULL,
    acked_by TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
