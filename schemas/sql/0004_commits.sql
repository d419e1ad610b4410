-- Fewer pages in each commit.

-- What moves while a proposal is worked on: its lease, claims and results. A quarter of its record, and
-- written with each command about it; the proposal itself is written when its state changes.
CREATE TABLE work (
    proposal TEXT PRIMARY KEY,
    record   TEXT NOT NULL
) WITHOUT ROWID;
-- A damaged record stays as it is and has no second part: verify and rebuild know what to do.
INSERT INTO work SELECT id, json_remove(record, '$.proposal') FROM proposal
    WHERE CASE WHEN json_valid(record) THEN json_type(record, '$.proposal') = 'object' END;
UPDATE proposal SET record = json_extract(record, '$.proposal')
    WHERE id IN (SELECT proposal FROM work);
-- Both parts as one record. Where one of them is gone it is no JSON: the store is damaged.
CREATE VIEW whole_proposal AS
    SELECT proposal.id, proposal.campaign,
        substr(work.record, 1, length(work.record) - 1) || ',"proposal":' || proposal.record || '}'
        AS record
    FROM proposal LEFT JOIN work ON work.proposal = proposal.id;

-- Commands and their index in order of age: whoever sends them, they are added at the end. In a tree
-- of whole rows by client each client's were added in the middle.
CREATE TABLE command_by_age (
    client TEXT NOT NULL,
    cmd_id TEXT NOT NULL,
    kind   TEXT NOT NULL,
    hash   TEXT NOT NULL,
    reply  TEXT NOT NULL,
    time   TEXT NOT NULL,
    UNIQUE (cmd_id, client)
);
INSERT INTO command_by_age SELECT * FROM command ORDER BY cmd_id;
DROP TABLE command;
ALTER TABLE command_by_age RENAME TO command;
